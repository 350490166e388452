// The dependency map: which kinds of job go where, what fires them, which workflows use them.
import { Link } from '@tanstack/react-router'
import { useQueries } from '@tanstack/react-query'
import { call } from '../../api/call.ts'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Page } from '../../parts/page.tsx'
import { shapeOf } from '../workflows/document.ts'

const TEXTS = {
  title: ['Dependency map', 'Mapa de dependencias'],
  lead: [
    'What stands still when a queue or a type does: each kind of job with its queue, the schedules that fire it and the workflows that use it.',
    'Qué se para si se para una cola o un tipo: cada tipo con su cola, los horarios que lo lanzan y los flujos que lo usan.',
  ],
  type: ['Job type', 'Tipo de trabajo'],
  queue: ['Queue', 'Cola'],
  schedules: ['Fired by schedules', 'Lo lanzan horarios'],
  workflows: ['Used by workflows', 'Lo usan flujos'],
  none: ['No kind of job is registered', 'No hay ningún tipo registrado'],
} as const

export function MapPage() {
  const say = useTexts(TEXTS)
  const types = useRead('types.list', {})
  const schedules = useRead('schedules.list', {})
  const workflows = useRead('workflows.list', {})
  const documents = useQueries({
    queries: (workflows.data?.data ?? []).map(({ id }) => ({
      queryKey: ['workflows', 'map', id],
      queryFn: () => call('workflows.get', { params: { id } }),
    })),
  })
  const uses = documents.flatMap(({ data }) =>
    data
      ? shapeOf(data.document).steps.map(({ detail }) => ({ workflow: data.id, job: detail }))
      : [],
  )
  return (
    <Page title={say('title')} lead={say('lead')}>
      <section className="card flush">
        <Answered read={types}>
          {({ data }) => (
            <List
              label={say('title')}
              rows={data}
              rowKey={({ name }) => name}
              empty={<Blank title={say('none')} />}
              columns={[
                {
                  key: 'schedules',
                  label: say('schedules'),
                  cell: ({ name }) => (
                    <span className="chips">
                      {(schedules.data?.data ?? [])
                        .filter(({ job }) => job === name)
                        .map(({ id }) => (
                          <Link key={id} to="/schedules/$id" params={{ id }}>
                            {id}
                          </Link>
                        ))}
                    </span>
                  ),
                },
                {
                  key: 'workflows',
                  label: say('workflows'),
                  cell: ({ name }) => (
                    <span className="chips">
                      {[
                        ...new Set(
                          uses.filter(({ job }) => job === name).map(({ workflow }) => workflow),
                        ),
                      ].map((id) => (
                        <Link key={id} to="/workflows/$id" params={{ id }}>
                          {id}
                        </Link>
                      ))}
                    </span>
                  ),
                },
                {
                  key: 'type',
                  label: say('type'),
                  cell: ({ name }) => (
                    <>
                      <span aria-hidden className="quiet">
                        →{' '}
                      </span>
                      <Link to="/types/$name" params={{ name }}>
                        <strong>{name}</strong>
                      </Link>
                    </>
                  ),
                },
                {
                  key: 'queue',
                  label: say('queue'),
                  cell: ({ queue }) => (
                    <>
                      <span aria-hidden className="quiet">
                        →{' '}
                      </span>
                      <Link to="/queues/$name" params={{ name: queue }}>
                        {queue}
                      </Link>
                    </>
                  ),
                },
              ]}
            />
          )}
        </Answered>
      </section>
    </Page>
  )
}
