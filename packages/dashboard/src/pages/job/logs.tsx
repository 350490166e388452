// The Logs of a job: its lines as they are written, by level, found by a word, followed to the end, downloaded.
import type { JobDetail } from 'orderly/api'
import { Button, Checkbox, Group, Select, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useRead } from '../../api/use.ts'
import { download } from '../../app/download.ts'
import { useLive } from '../../app/live.ts'
import { readLog } from '../../app/live-jobs.ts'
import { useTexts } from '../../app/texts.ts'
import { IconDownload, IconSearch } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { RevealBlock } from '../../parts/reveal-block.tsx'
import { addLines, logText, type LogLine } from './log-lines.ts'
import { JOB_TEXTS } from './texts.ts'

/** More lines than these are not shown at once; the file has all of them. */
const MOST_SHOWN = 2_000
const LEVELS = { '': () => true, warn: (level: string) => level === 'warn' || level === 'error' }

export function Logs({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const { status } = useLive()
  const isOpen = job.finishedAt === null
  const isLive = isOpen && status === 'live'
  const [told, setTold] = useState<readonly LogLine[]>([])
  const read = useRead(
    'jobs.logs',
    { params: { id: job.id }, query: { limit: 1_000 } },
    { every: isOpen && !isLive ? 2_000 : false },
  )
  const { refetch } = read
  useEffect(
    () => readLog(job.id, ({ from, lines }) => setTold((all) => addLines(all, from, lines))),
    [job.id],
  )
  // The last lines may come with the end of the job.
  useEffect(() => void refetch(), [isOpen, refetch])
  return (
    <Card
      title={say('logs')}
      actions={
        isLive ? (
          <span className="state" data-state="active">
            <span className="live-dot breathing" aria-hidden /> {say('liveLog')}
          </span>
        ) : null
      }
    >
      <Answered read={read}>
        {({ data }) => {
          const lines = told.length > data.length ? told : data
          return lines.length === 0 ? (
            <Blank title={say('noLogs')}>{say('noLogsText')}</Blank>
          ) : lines.some(({ message }) => message.startsWith('[masked:')) ? (
            <div className="stack" style={{ gap: '0.6rem' }}>
              <RevealBlock
                subject={{ job: job.id, part: 'log', pointers: [''] }}
                label={say('revealLog')}
                write={logText}
              >
                <Lines lines={lines} name={job.id} />
              </RevealBlock>
            </div>
          ) : (
            <Lines lines={lines} name={job.id} />
          )
        }}
      </Answered>
    </Card>
  )
}

function Lines({ lines, name }: { readonly lines: readonly LogLine[]; readonly name: string }) {
  const say = useTexts(JOB_TEXTS)
  const [word, setWord] = useState('')
  const [level, setLevel] = useState<keyof typeof LEVELS>('')
  const [follows, setFollows] = useState(true)
  const list = useRef<HTMLUListElement>(null)
  const fit = lines.filter(
    (line) => LEVELS[level](line.level) && line.message.toLowerCase().includes(word.toLowerCase()),
  )
  const shown = fit.slice(-MOST_SHOWN)
  useEffect(() => {
    if (follows && list.current) list.current.scrollTop = list.current.scrollHeight
  }, [follows, fit.length])
  return (
    <div className="stack" style={{ gap: '0.6rem' }}>
      <Group gap="sm">
        <TextInput
          aria-label={say('filterLogs')}
          placeholder={say('filterLogs')}
          leftSection={<IconSearch size={14} aria-hidden />}
          value={word}
          onChange={(event) => setWord(event.currentTarget.value)}
        />
        <Select
          aria-label={say('level')}
          value={level}
          onChange={(value) => setLevel(value === 'warn' ? 'warn' : '')}
          data={[
            { value: '', label: say('allLevels') },
            { value: 'warn', label: say('warnings') },
          ]}
          allowDeselect={false}
        />
        <Checkbox
          label={say('follow')}
          checked={follows}
          onChange={(event) => setFollows(event.currentTarget.checked)}
        />
        <span className="quiet number" role="status">
          {fit.length > shown.length
            ? say('lastLines', { n: shown.length, total: fit.length })
            : say('lines', { n: shown.length })}
        </span>
        <Button
          variant="default"
          ml="auto"
          leftSection={<IconDownload size={15} aria-hidden />}
          onClick={() => download(`${name}.log`, 'text/plain', logText(lines))}
        >
          {say('download')}
        </Button>
      </Group>
      {shown.length === 0 ? (
        <Blank title={say('noLineFits')} />
      ) : (
        <ul className="log-lines" ref={list} tabIndex={0} aria-label={say('logs')}>
          {shown.map((line, index) => (
            // Lines have no names: their place is what they are.
            <li key={`${fit.length - shown.length + index}`} data-level={line.level}>
              <span className="quiet">{line.level}</span>
              <span>{line.message}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
