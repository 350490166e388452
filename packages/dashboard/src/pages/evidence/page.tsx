// Evidence of a period: how much each type of job left, each run with its verdict, sign-offs, and a signed bundle of it.
import { Button, SegmentedControl, Select } from '@mantine/core'
import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { call, type AnswerOf } from '../../api/call.ts'
import { showProblem, useRead } from '../../api/use.ts'
import { download } from '../../app/download.ts'
import type { Problem } from '../../app/problem.ts'
import { useTexts } from '../../app/texts.ts'
import { now } from '../../app/time-source.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconDownload } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Controls } from './controls.tsx'
import { Signoffs, type Period } from './signoffs.tsx'
import { EVIDENCE_TEXTS } from './texts.ts'
import { Verdict } from './verdict.tsx'

type EvidencePageAnswer = AnswerOf<'evidence.list'>

const DAY_MS = 86_400_000
const RANGES = { day: 1, week: 7, month: 30, quarter: 90, all: undefined } as const
type Range = keyof typeof RANGES
const DEFAULTS = { range: 'week', type: '' }
const PAGE_SIZE = 100

export function EvidencePage() {
  const say = useTexts(EVIDENCE_TEXTS)
  const [url, setUrl] = useUrlState(DEFAULTS)
  const range: Range = url.range in RANGES ? (url.range as Range) : 'week'
  // The beginning of the period stays where it is while the page is open, so that pages of the list fit together.
  const from = useMemo(() => {
    const days = RANGES[range]
    return days === undefined ? undefined : now() - days * DAY_MS
  }, [range])
  const period = from === undefined ? {} : { from }
  const query = { ...period, ...(url.type === '' ? {} : { type: url.type }) }
  const types = useRead('evidence.types', { query: period })
  const [isTaking, setTaking] = useState(false)
  const take = async (): Promise<void> => {
    setTaking(true)
    try {
      const { base64 } = await call('evidence.bundle', { body: query })
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      download('evidence.zip', 'application/zip', bytes)
    } catch (error) {
      showProblem(error)
    }
    setTaking(false)
  }
  return (
    <Page
      title={say('title')}
      lead={say('lead')}
      actions={
        <Button
          variant="default"
          loading={isTaking}
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => void take()}
        >
          {say('export')}
        </Button>
      }
    >
      <div className="filters">
        <SegmentedControl
          aria-label={say('range')}
          className="segmented-scroll"
          value={range}
          onChange={(next) => setUrl({ range: next })}
          data={(Object.keys(RANGES) as Range[]).map((each) => ({
            value: each,
            label: say(each),
          }))}
        />
        <Select
          aria-label={say('type')}
          placeholder={say('allTypes')}
          clearable
          searchable
          value={url.type === '' ? null : url.type}
          onChange={(type) => setUrl({ type: type ?? '' })}
          data={[
            ...new Set([
              ...(types.data?.data.map(({ type }) => type) ?? []),
              ...(url.type === '' ? [] : [url.type]),
            ]),
          ]}
        />
      </div>
      <Card title={say('byType')} isFlush>
        <Answered read={types} lines={3}>
          {({ data }) => (
            <List
              label={say('byType')}
              rows={data}
              rowKey={({ type }) => type}
              empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
              columns={[
                {
                  key: 'type',
                  label: say('type'),
                  cell: ({ type }) => (
                    <button
                      type="button"
                      className="link-button"
                      onClick={() => setUrl({ type }, { replace: false })}
                    >
                      {type}
                    </button>
                  ),
                },
                { key: 'runs', label: say('runs'), isNumber: true, cell: ({ runs }) => runs },
                { key: 'jobs', label: say('jobs'), isNumber: true, cell: ({ jobs }) => jobs },
                {
                  key: 'first',
                  label: say('first'),
                  isNumber: true,
                  cell: ({ first }) => <Instant at={first} />,
                },
                {
                  key: 'last',
                  label: say('last'),
                  isNumber: true,
                  cell: ({ last }) => <Instant at={last} />,
                },
              ]}
            />
          )}
        </Answered>
      </Card>
      {types.data?.data.length === 0 ? null : <Runs query={query} />}
      <Signoffs period={query} />
      <Controls />
    </Page>
  )
}

function Runs({ query }: { readonly query: Period }) {
  const say = useTexts(EVIDENCE_TEXTS)
  const read = useInfiniteQuery<
    EvidencePageAnswer,
    Problem,
    InfiniteData<EvidencePageAnswer>,
    readonly unknown[],
    string | undefined
  >({
    queryKey: ['evidence', 'found', query],
    queryFn: ({ pageParam, signal }) =>
      call(
        'evidence.list',
        { query: { ...query, limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) } },
        { signal },
      ),
    initialPageParam: undefined,
    getNextPageParam: ({ page }) => page.next ?? undefined,
    maxPages: 20,
  })
  return (
    <Card title={say('list')} isFlush>
      <Answered read={read}>
        {({ pages }) => (
          <List
            label={say('list')}
            rows={pages.flatMap(({ data }) => data)}
            rowKey={({ jobId, run }) => `${jobId}/${run}`}
            empty={<Blank title={say('none')} />}
            columns={[
              {
                key: 'verdict',
                label: say('verdict'),
                cell: ({ isValid }) => <Verdict isValid={isValid} />,
              },
              {
                key: 'job',
                label: say('job'),
                cell: ({ jobId, type }) => (
                  <Link
                    to="/jobs/$id"
                    params={{ id: jobId }}
                    search={{ tab: 'evidence' }}
                    className="job-link"
                    title={jobId}
                  >
                    <span className="job-type">{type}</span>
                    <span className="quiet mono job-id">{jobId.slice(-12)}</span>
                  </Link>
                ),
              },
              {
                key: 'outcome',
                label: say('outcome'),
                cell: ({ outcome }) => <StateBadge state={outcome} />,
              },
              {
                key: 'checks',
                label: say('checks'),
                cell: ({ checks, isValid }) => {
                  if (checks.length === 0) return '–'
                  const passed = checks.filter((each) => each.passed).length
                  // All that were made held: what does not is the end of the run.
                  return !isValid && passed === checks.length
                    ? say('checksThen', { n: passed })
                    : say('checksOf', { passed, total: checks.length })
                },
              },
              {
                key: 'release',
                label: say('release'),
                cell: ({ release }) => <span className="mono">{release || '–'}</span>,
              },
              { key: 'run', label: say('run'), isNumber: true, cell: ({ run }) => run },
              {
                key: 'ended',
                label: say('ended'),
                isNumber: true,
                cell: ({ endedAt }) => <Instant at={endedAt} />,
              },
            ]}
          />
        )}
      </Answered>
      {read.hasNextPage ? (
        <div style={{ padding: '0.6rem', textAlign: 'center' }}>
          <Button
            variant="default"
            loading={read.isFetchingNextPage}
            onClick={() => void read.fetchNextPage()}
          >
            {say('more')}
          </Button>
        </div>
      ) : null}
    </Card>
  )
}
