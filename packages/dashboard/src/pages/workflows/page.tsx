// All workflows, and the latest runs of any of them.
import { Link } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { RunList } from './run-list.tsx'
import { WORKFLOW_TEXTS } from './texts.ts'

export function WorkflowsPage() {
  const say = useTexts(WORKFLOW_TEXTS)
  const read = useRead('workflows.list', {})
  return (
    <Page title={say('title')}>
      <section className="card flush">
        <Answered read={read}>
          {({ data }) => (
            <List
              label={say('title')}
              rows={data}
              rowKey={({ id }) => id}
              empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
              columns={[
                {
                  key: 'id',
                  label: say('name'),
                  cell: ({ id, title }) => (
                    <Link to="/workflows/$id" params={{ id }}>
                      <strong>{title ?? id}</strong> <span className="quiet mono">{id}</span>
                    </Link>
                  ),
                },
                {
                  key: 'version',
                  label: say('version'),
                  isNumber: true,
                  cell: ({ version }) => version,
                },
                {
                  key: 'design',
                  label: <span className="only-read">{say('design')}</span>,
                  isNumber: true,
                  cell: ({ id }) => (
                    <Link to="/workflows/$id/design" params={{ id }}>
                      {say('design')}
                    </Link>
                  ),
                },
              ]}
            />
          )}
        </Answered>
      </section>
      <Card title={say('latest')} isFlush>
        <RunList query={{ limit: 50 }} />
      </Card>
    </Page>
  )
}
