// Every kind of job: where it goes, whether it holds PHI, and who can run it.
import { Badge, Button, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconLock, IconSearch } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Page } from '../../parts/page.tsx'
import { TYPE_TEXTS } from './texts.ts'

const DEFAULTS = { q: '' }

export function TypesPage() {
  const say = useTexts(TYPE_TEXTS)
  const read = useRead('types.list', {})
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  return (
    <Page title={say('title')}>
      <TextInput
        data-page-search
        aria-label={say('find')}
        placeholder={say('find')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={url.q}
        onChange={(event) => setUrl({ q: event.currentTarget.value })}
        maw={360}
      />
      <section className="card flush">
        <Answered read={read}>
          {({ data }) => (
            <List
              label={say('title')}
              rows={data.filter(({ name, queue }) =>
                `${name} ${queue}`.toLowerCase().includes(url.q.toLowerCase()),
              )}
              rowKey={({ name }) => name}
              empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
              columns={[
                {
                  key: 'name',
                  label: say('name'),
                  cell: ({ name, phi, critical }) => (
                    <span className="queue-name">
                      <Link to="/types/$name" params={{ name }}>
                        <strong>{name}</strong>
                      </Link>
                      {phi ? <PhiBadge /> : null}
                      {critical ? (
                        <Badge size="xs" variant="light" color="red" tt="none" radius="sm">
                          {say('critical')}
                        </Badge>
                      ) : null}
                    </span>
                  ),
                },
                {
                  key: 'queue',
                  label: say('queue'),
                  cell: ({ queue }) => (
                    <Link to="/queues/$name" params={{ name: queue }}>
                      {queue}
                    </Link>
                  ),
                },
                {
                  key: 'schedule',
                  label: say('schedule'),
                  cell: ({ schedule }) => <span className="mono">{schedule ?? '–'}</span>,
                },
                {
                  key: 'version',
                  label: say('version'),
                  isNumber: true,
                  cell: ({ version }) => version,
                },
                {
                  key: 'handled',
                  label: say('handled'),
                  cell: ({ handled }) => (
                    <span title={say(handled ? 'handledHere' : 'notHandled')}>
                      {say(handled ? 'yes' : 'no')}
                    </span>
                  ),
                },
                {
                  key: 'add',
                  label: <span className="only-read">{say('add')}</span>,
                  isNumber: true,
                  cell: ({ name }) =>
                    can('jobs:enqueue') ? (
                      <Button
                        component={Link}
                        to="/types/$name"
                        params={{ name } as never}
                        search={{ add: '1' } as never}
                        size="compact-sm"
                        variant="default"
                        aria-label={`${say('add')}: ${name}`}
                      >
                        {say('add')}
                      </Button>
                    ) : null,
                },
              ]}
            />
          )}
        </Answered>
      </section>
    </Page>
  )
}

export function PhiBadge() {
  const say = useTexts(TYPE_TEXTS)
  return (
    <Badge
      size="xs"
      variant="light"
      color="violet"
      tt="none"
      radius="sm"
      title={say('phi')}
      leftSection={<IconLock size={10} aria-hidden />}
    >
      PHI
    </Badge>
  )
}
