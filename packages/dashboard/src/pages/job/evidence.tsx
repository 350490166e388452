// The Evidence of a job: what each of its runs left, check by check.
import type { JobDetail } from 'orderly/api'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { EVIDENCE_TEXTS } from '../evidence/texts.ts'
import { Verdict } from '../evidence/verdict.tsx'

export function JobEvidence({ job }: { readonly job: JobDetail }) {
  const say = useTexts(EVIDENCE_TEXTS)
  const read = useRead('evidence.job', { params: { id: job.id } })
  return (
    <Answered read={read}>
      {({ data }) =>
        data.length === 0 ? (
          <Card>
            <Blank title={say('noneOfJob')}>{say('noneText')}</Blank>
          </Card>
        ) : (
          data.map((run) => (
            <Card
              key={run.run}
              title={say('runN', { n: run.run })}
              actions={<Verdict isValid={run.isValid} />}
            >
              <dl className="facts">
                <dt>{say('outcome')}</dt>
                <dd>
                  <StateBadge state={run.outcome} />
                </dd>
                <dt>{say('began')}</dt>
                <dd>
                  <Instant at={run.startedAt} as="full" />
                </dd>
                <dt>{say('ended')}</dt>
                <dd>
                  <Instant at={run.endedAt} as="full" />
                </dd>
                <dt>{say('checks')}</dt>
                <dd>
                  {run.checks.length === 0 ? (
                    '–'
                  ) : (
                    <ul className="plain">
                      {run.checks.map(({ name, passed }, index) => (
                        // A name may be checked more than once: the place is what each one is.
                        <li key={`${index}-${name}`}>
                          <StateBadge
                            state={passed ? 'completed' : 'failed'}
                            label={say(passed ? 'passed' : 'notPassed')}
                          />{' '}
                          {name}
                        </li>
                      ))}
                    </ul>
                  )}
                </dd>
                <dt>{say('release')}</dt>
                <dd className="mono">{run.release || '–'}</dd>
                <dt>{say('input')}</dt>
                <dd className="mono">{run.inputCommitment}</dd>
                <dt>{say('output')}</dt>
                <dd className="mono">{run.outputCommitment ?? '–'}</dd>
                <dt>{say('attached')}</dt>
                <dd>{run.attached.join(', ') || '–'}</dd>
              </dl>
            </Card>
          ))
        )
      }
    </Answered>
  )
}
