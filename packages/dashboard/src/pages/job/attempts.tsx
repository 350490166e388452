// The Attempts of a job: each run with its end, its error and where else the same error was thrown.
import type { JobDetail } from 'orderly/api'
import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useNow } from '../../app/now.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant, Span } from '../../parts/instant.tsx'
import { Card } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { attemptsOf } from './spans.ts'
import { JOB_TEXTS, LIFE_TEXTS } from './texts.ts'

export function Attempts({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const life = useTexts(LIFE_TEXTS)
  const now = useNow()
  const attempts = attemptsOf(job.life)
  if (attempts.length === 0)
    return (
      <Card>
        <Blank title={say('noAttempts')} />
      </Card>
    )
  return attempts.map((attempt, index) => {
    const state =
      attempt.end === null ? 'active' : attempt.end === 'completed' ? 'completed' : 'failed'
    return (
      <Card
        key={`${attempt.startedAt}-${index}`}
        title={say('attempt', { n: attempt.number })}
        actions={
          <StateBadge
            state={state}
            {...(attempt.end !== null && attempt.end in LIFE_TEXTS
              ? { label: life(attempt.end as keyof typeof LIFE_TEXTS) }
              : {})}
          />
        }
      >
        <dl className="facts">
          <dt>{say('started')}</dt>
          <dd>
            <Instant at={attempt.startedAt} as="full" />
          </dd>
          <dt>{say('took')}</dt>
          <dd>
            <Span ms={(attempt.endedAt ?? now) - attempt.startedAt} />
          </dd>
          {attempt.code === null ? null : (
            <>
              <dt>{say('error')}</dt>
              <dd>
                <span className="mono">{attempt.code}</span>
              </dd>
            </>
          )}
          {attempt.fingerprint === null ? null : (
            <>
              <dt>{say('sameFingerprint')}</dt>
              <dd>
                <Anchor
                  renderRoot={(props) => (
                    <Link {...props} to="/jobs" search={{ q: `fp:${attempt.fingerprint}` }} />
                  )}
                >
                  <span className="mono">{attempt.fingerprint}</span>
                </Anchor>
              </dd>
            </>
          )}
        </dl>
      </Card>
    )
  })
}
