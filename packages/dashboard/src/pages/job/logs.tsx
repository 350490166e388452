// The Logs of a job: its lines as they come, found by a word, followed to the end, downloaded.
import type { JobDetail } from 'orderly/api'
import { Button, Checkbox, Group, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useRead } from '../../api/use.ts'
import { download } from '../../app/download.ts'
import { useTexts } from '../../app/texts.ts'
import { IconDownload, IconSearch } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { JOB_TEXTS } from './texts.ts'

interface LogLine {
  readonly level: string
  readonly message: string
}

export function Logs({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const isRunning = job.state === 'active'
  const read = useRead(
    'jobs.logs',
    { params: { id: job.id }, query: { limit: 1_000 } },
    { every: isRunning ? 2_000 : false },
  )
  return (
    <Card title={say('logs')}>
      <Answered read={read}>
        {({ data: lines }) =>
          lines.length === 0 ? (
            <Blank title={say('noLogs')}>{say('noLogsText')}</Blank>
          ) : (
            <Lines lines={lines} name={job.id} />
          )
        }
      </Answered>
    </Card>
  )
}

function Lines({ lines, name }: { readonly lines: readonly LogLine[]; readonly name: string }) {
  const say = useTexts(JOB_TEXTS)
  const [word, setWord] = useState('')
  const [follows, setFollows] = useState(true)
  const list = useRef<HTMLUListElement>(null)
  const shown = lines.filter(({ message }) => message.toLowerCase().includes(word.toLowerCase()))
  useEffect(() => {
    if (follows && list.current) list.current.scrollTop = list.current.scrollHeight
  }, [follows, shown.length])
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
        <Checkbox
          label={say('follow')}
          checked={follows}
          onChange={(event) => setFollows(event.currentTarget.checked)}
        />
        <Button
          variant="default"
          ml="auto"
          leftSection={<IconDownload size={15} aria-hidden />}
          onClick={() =>
            download(
              `${name}.log`,
              'text/plain',
              lines.map(({ level, message }) => `${level} ${message}`).join('\n'),
            )
          }
        >
          {say('download')}
        </Button>
      </Group>
      <ul className="log-lines" ref={list} tabIndex={0} aria-label={say('logs')}>
        {shown.map(({ level, message }, index) => (
          // Lines have no names: their place is what they are.
          <li key={`${index}-${level}`} data-level={level}>
            <span className="quiet">{level}</span>
            <span>{message}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
