// The dependency map: which kinds of job go where, what fires them, which workflows use them, who hears of them.
import { SegmentedControl } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { call } from '../../api/call.ts'
import { useRead } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Page } from '../../parts/page.tsx'
import { Drawing } from './drawing.tsx'
import { dependencyMap, type DependencyMap } from './links.ts'
import { MAP_TEXTS } from './texts.ts'

const DEFAULTS = { view: '', chosen: '' }

export function MapPage() {
  const say = useTexts(MAP_TEXTS)
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  // Four columns do not fit a phone.
  const isNarrow = useMediaQuery('(width <= 48em)')
  const view = url.view === '' ? (isNarrow ? 'table' : 'map') : url.view
  const types = useRead('types.list', {})
  const schedules = useRead('schedules.list', {}, { enabled: can('schedules:read') })
  const workflows = useRead('workflows.list', {}, { enabled: can('workflows:read') })
  const webhooks = useRead('webhooks.list', {}, { enabled: can('webhooks:read') })
  const sources = useRead('eventSources.list', {}, { enabled: can('webhooks:read') })
  const documents = useQueries({
    queries: (workflows.data?.data ?? [])
      .filter(({ version }) => version !== null)
      .map(({ id }) => ({
        queryKey: ['workflows', 'map', id],
        queryFn: () => call('workflows.get', { params: { id } }),
      })),
    combine: (answers) => answers.flatMap(({ data }) => (data ? [data] : [])),
  })
  const map = useMemo(
    () =>
      dependencyMap({
        types: types.data?.data ?? [],
        schedules: schedules.data?.data ?? [],
        workflows: documents.map(({ id, document }) => ({
          id,
          jobs: namesIn(document, 'job'),
          workflows: namesIn(document, 'workflow'),
        })),
        sources: sources.data?.data ?? [],
        webhooks: webhooks.data?.data ?? [],
      }),
    [types.data, schedules.data, documents, sources.data, webhooks.data],
  )
  return (
    <Page
      title={say('title')}
      lead={say('lead')}
      actions={
        <SegmentedControl
          aria-label={say('view')}
          value={view}
          onChange={(next) => setUrl({ view: next })}
          data={[
            { value: 'map', label: say('asMap') },
            { value: 'table', label: say('asTable') },
          ]}
        />
      }
    >
      <section className="card flush">
        <Answered read={types}>
          {({ data }) =>
            data.length === 0 ? (
              <Blank title={say('none')} />
            ) : view === 'table' ? (
              <Table map={map} />
            ) : (
              <Drawing map={map} chosen={url.chosen} onChoose={(chosen) => setUrl({ chosen })} />
            )
          }
        </Answered>
      </section>
    </Page>
  )
}

function Table({ map }: { readonly map: DependencyMap }) {
  const say = useTexts(MAP_TEXTS)
  const names = new Map(map.things.map(({ key, name }) => [key, name]))
  const ends = (key: string, at: 'from' | 'to', other: 'from' | 'to'): string =>
    map.links
      .filter((link) => link[at] === key)
      .map((link) => names.get(link[other]))
      .join(', ') || '–'
  return (
    <List
      label={say('title')}
      rows={map.things}
      rowKey={({ key }) => key}
      empty={null}
      columns={[
        { key: 'thing', label: say('thing'), cell: ({ name }) => <strong>{name}</strong> },
        { key: 'kind', label: say('kind'), cell: ({ kind }) => say(kind) },
        { key: 'from', label: say('comesFrom'), cell: ({ key }) => ends(key, 'to', 'from') },
        { key: 'to', label: say('leadsTo'), cell: ({ key }) => ends(key, 'from', 'to') },
      ]}
    />
  )
}

/** What the steps of a document run. */
function namesIn(document: unknown, field: 'job' | 'workflow'): string[] {
  const { nodes = {} } = (document ?? {}) as {
    nodes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }
  const names = Object.values(nodes).map((node) => node[field])
  return [...new Set(names.filter((name) => typeof name === 'string'))]
}
