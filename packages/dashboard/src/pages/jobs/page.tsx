// The list of jobs: one search, states with counts, and whatever one wants to do with what was found.
import type { Job } from 'orderly/api'
import { Alert, Button, Checkbox, Menu } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useRead } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { freeze } from '../../app/live.ts'
import { totalOf, useNews } from '../../app/live-jobs.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconColumns, IconPlus, IconStack2 } from '../../look/icons.ts'
import { Blank, Failure, Loading } from '../../parts/blank.tsx'
import { Page } from '../../parts/page.tsx'
import { STATE_TEXTS, StateBadge } from '../../parts/state-badge.tsx'
import { BulkDrawer } from './bulk.tsx'
import { COLUMNS, FIRST_COLUMNS } from './columns.tsx'
import { ExportMenu } from './export.tsx'
import { useFoundJobs } from './find.ts'
import { namesInput } from './names-input.ts'
import { SearchBar } from './search-bar.tsx'
import { statesOf, withStates } from './search-text.ts'
import { News } from './news.tsx'
import { JobsTable } from './table.tsx'
import { JOBS_TEXTS } from './texts.ts'
import { Views } from './views.tsx'

const DEFAULTS = { q: '', columns: FIRST_COLUMNS, bulk: '' } as const
const NONE: readonly Job[] = []

export function JobsPage() {
  const say = useTexts(JOBS_TEXTS)
  const format = useFormats()
  const { can } = useSession()
  const [url, setUrl] = useUrlState<{ q: string; columns: string; bulk: string }>(DEFAULTS)
  const [secret, setSecret] = useState('')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [isPlanning, setPlanning] = useState(false)
  const q = secret === '' ? url.q : secret
  const found = useFoundJobs(q)
  const jobs = useMemo(() => found.data?.pages.flatMap(({ data }) => data) ?? NONE, [found.data])
  const first = found.data?.pages[0]
  const columns = COLUMNS.filter(({ key }) => url.columns.split(',').includes(key))
  const isChoosing = chosen.size > 0
  useEffect(() => (isChoosing ? freeze() : undefined), [isChoosing])
  // What was chosen, and what was to be done with it, was of another search.
  useEffect(() => {
    setChosen(new Set())
    setPlanning(false)
  }, [q])
  const search = (next: string): void => {
    setSecret(namesInput(next) ? next : '')
    setUrl({ q: namesInput(next) ? '' : next }, { replace: false })
  }
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  return (
    <Page
      title={say('title')}
      actions={
        <div className="icons-on-phone">
          <Views search={q} columns={url.columns} onOpen={setUrl} />
          <ColumnMenu value={url.columns} onChange={(next) => setUrl({ columns: next })} />
          {can('jobs:export') ? <ExportMenu search={q} /> : null}
          {can('jobs:bulk') ? (
            <Button
              variant="default"
              leftSection={<IconStack2 size={16} aria-hidden />}
              onClick={() => setPlanning(true)}
            >
              {say('actOnFound')}
            </Button>
          ) : null}
          {can('jobs:enqueue') ? (
            <Button component={Link} to="/types" leftSection={<IconPlus size={16} aria-hidden />}>
              {say('add')}
            </Button>
          ) : null}
        </div>
      }
    >
      <SearchBar value={q} onSearch={search} />
      <StateChips search={q} onSearch={search} />
      {secret === '' ? null : <Alert color="violet">{say('phiSearch')}</Alert>}
      {first && first.unindexed.length > 0 ? (
        <Alert color="yellow">
          {say('unindexed', {
            terms: first.unindexed.join(', '),
            since: first.since === null ? '' : say('since', { time: format.fullTime(first.since) }),
          })}
        </Alert>
      ) : null}
      {first && first.unsearchable.length > 0 ? (
        <Alert color="yellow">
          {say('unsearchable', { terms: first.unsearchable.join(', ') })}
        </Alert>
      ) : null}
      <section className="card flush holds-news">
        <News
          search={q}
          readAt={found.dataUpdatedAt}
          isBusy={found.isRefetching}
          onLook={() => void found.refetch()}
        />
        {isChoosing ? (
          <div className="bulk-bar">
            <strong>{say('chosen', { n: chosen.size })}</strong>
            {can('jobs:bulk') ? (
              <Button size="compact-sm" onClick={() => setPlanning(true)}>
                {say('actOnChosen')}
              </Button>
            ) : null}
            <Button size="compact-sm" variant="subtle" onClick={() => setChosen(new Set())}>
              {say('unchoose')}
            </Button>
          </div>
        ) : null}
        {found.error && !found.data ? (
          <Failure error={found.error} onAgain={() => void found.refetch()} />
        ) : found.isLoading ? (
          <Loading lines={10} />
        ) : jobs.length === 0 ? (
          <Blank title={say(q === '' ? 'noJobs' : 'none')}>
            {say(q === '' ? 'noJobsText' : 'noneText')}
          </Blank>
        ) : (
          <JobsTable {...{ jobs, columns, chosen }} onChoose={setChosen} onEnd={loadMore} />
        )}
      </section>
      <p className="quiet" role="status">
        {found.isFetchingNextPage ? say('loadingMore') : say('shown', { n: jobs.length })}
      </p>
      {can('jobs:bulk') && (isPlanning || url.bulk !== '') ? (
        <BulkDrawer
          chosen={[...chosen]}
          search={q}
          run={url.bulk}
          onRun={(bulk) => setUrl({ bulk })}
          onClose={() => {
            setPlanning(false)
            setUrl({ bulk: '' })
          }}
        />
      ) : null}
    </Page>
  )
}

const CHIPS = [
  'active',
  'waiting',
  'prioritized',
  'delayed',
  'waiting-children',
  'failed',
  'completed',
] as const

function StateChips({
  search,
  onSearch,
}: {
  readonly search: string
  readonly onSearch: (search: string) => void
}) {
  const say = useTexts(JOBS_TEXTS)
  const name = useTexts(STATE_TEXTS)
  const format = useFormats()
  const { counts } = useNews()
  // Read only where no stream tells of them.
  const queues = useRead('queues.list', {}, { enabled: counts === undefined })
  const asked = statesOf(search)
  const toggle = (state: string): void =>
    onSearch(
      withStates(
        search,
        asked.includes(state) ? asked.filter((each) => each !== state) : [...asked, state],
      ),
    )
  return (
    <div className="chips" role="group" aria-label={say('states')}>
      <button
        type="button"
        className="chip"
        aria-pressed={asked.length === 0}
        onClick={() => onSearch(withStates(search, []))}
      >
        {say('all')}
      </button>
      {CHIPS.map((state) => {
        const count = counts
          ? totalOf(counts, [state])
          : (queues.data?.data.reduce((sum, row) => sum + row.counts[state], 0) ?? 0)
        return (
          <button
            type="button"
            key={state}
            className="chip"
            aria-pressed={asked.includes(state)}
            onClick={() => toggle(state)}
          >
            <StateBadge state={state} label={name(state)} />
            <span className="number">{format.short(count)}</span>
          </button>
        )
      })}
    </div>
  )
}

function ColumnMenu({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const say = useTexts(JOBS_TEXTS)
  const chosen = value.split(',')
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconColumns size={16} aria-hidden />}>
          {say('columns')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {COLUMNS.filter(({ key }) => key !== 'id').map(({ key, text }) => (
          <Menu.Item
            key={key}
            role="menuitemcheckbox"
            aria-checked={chosen.includes(key)}
            leftSection={
              <Checkbox.Indicator size="xs" checked={chosen.includes(key)} aria-hidden />
            }
            onClick={() =>
              onChange(
                COLUMNS.map((column) => column.key)
                  .filter((each) => (each === key) !== chosen.includes(each))
                  .join(','),
              )
            }
          >
            {say(text)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
