// The Evidence of a job: what each run checked, and what it keeps sealed beside that.
import type { JobDetail } from 'orderly/api'
import { Badge, Code } from '@mantine/core'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { JOB_TEXTS } from './texts.ts'

export function Evidence({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const read = useRead('jobs.evidence', { params: { id: job.id } })
  return (
    <Answered read={read}>
      {({ data }) =>
        data.length === 0 ? (
          <Card>
            <Blank title={say('noEvidence')}>{say('noEvidenceText')}</Blank>
          </Card>
        ) : (
          data.map((run) => (
            <Card
              key={run.run}
              title={say('run', { n: run.run })}
              actions={<StateBadge state={run.outcome} />}
            >
              <List
                label={say('evidence')}
                rows={run.checks}
                rowKey={({ name }) => name}
                empty={null}
                columns={[
                  { key: 'name', label: say('check'), cell: ({ name }) => name },
                  {
                    key: 'passed',
                    label: '',
                    cell: ({ passed }) => (
                      <StateBadge
                        state={passed ? 'completed' : 'failed'}
                        label={say(passed ? 'passed' : 'notPassed')}
                      />
                    ),
                  },
                ]}
              />
              <p className="quiet">
                {run.attached.map((name) => (
                  <Badge key={name} variant="light" color="violet" tt="none" mr={6}>
                    {name}
                  </Badge>
                ))}
                <Code>{run.input_commitment.slice(0, 24)}…</Code> <Code>{run.code_version}</Code>
              </p>
            </Card>
          ))
        )
      }
    </Answered>
  )
}
