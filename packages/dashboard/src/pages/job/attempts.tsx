// The Attempts of a job: any two of them side by side, and each by itself with where it was thrown.
import type { JobAttempt, JobDetail } from 'orderly/api'
import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useRead } from '../../api/use.ts'
import { useNow } from '../../app/now.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant, Span } from '../../parts/instant.tsx'
import { Answered } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { RevealBlock } from '../../parts/reveal-block.tsx'
import { AttemptDiff } from './attempt-diff.tsx'
import { AttemptEnd } from './attempt-end.tsx'
import { errorText } from './error-text.ts'
import { JOB_TEXTS } from './texts.ts'
import { WorkerId } from './worker-id.tsx'

export function Attempts({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const read = useRead('jobs.attempts', { params: { id: job.id } })
  const { refetch } = read
  // The page hears of the job; what is told here goes on with it.
  useEffect(() => void refetch(), [job.updatedAt, refetch])
  return (
    <Answered read={read}>
      {({ data }) =>
        data.length === 0 ? (
          <Card>
            <Blank title={say('noAttempts')} />
          </Card>
        ) : (
          <>
            {data.length > 1 ? <AttemptDiff attempts={data} /> : null}
            {data.toReversed().map((attempt) => (
              <One key={attempt.number} job={job.id} attempt={attempt} />
            ))}
          </>
        )
      }
    </Answered>
  )
}

function One({ job, attempt }: { readonly job: string; readonly attempt: JobAttempt }) {
  const say = useTexts(JOB_TEXTS)
  const now = useNow()
  const { fingerprint } = attempt
  return (
    <Card title={say('attempt', { n: attempt.number })} actions={<AttemptEnd attempt={attempt} />}>
      <dl className="facts">
        <dt>{say('started')}</dt>
        <dd>
          <Instant at={attempt.startedAt} as="full" />
        </dd>
        <dt>{say('took')}</dt>
        <dd>
          <Span ms={(attempt.endedAt ?? now) - attempt.startedAt} />
        </dd>
        <dt>{say('worker')}</dt>
        <dd>
          <WorkerId id={attempt.worker} />
          {attempt.host === null ? null : <span className="quiet"> · {attempt.host}</span>}
        </dd>
        <dt>{say('release')}</dt>
        <dd className="mono">{attempt.release ?? '–'}</dd>
        {attempt.code === null ? null : (
          <>
            <dt>{say('error')}</dt>
            <dd className="mono">{attempt.code}</dd>
          </>
        )}
        {attempt.message === null ? null : (
          <>
            <dt>{say('message')}</dt>
            <dd className="mono">{attempt.message}</dd>
          </>
        )}
        {fingerprint === null ? null : (
          <>
            <dt>{say('sameFingerprint')}</dt>
            <dd>
              <Anchor
                renderRoot={(props) => (
                  <Link {...props} to="/jobs" search={{ q: `fp:${fingerprint}` }} />
                )}
              >
                <span className="mono">{fingerprint}</span>
              </Anchor>
            </dd>
          </>
        )}
      </dl>
      {attempt.hasError ? (
        <RevealBlock
          subject={{ job, part: 'error', attempt: attempt.number, pointers: [''] }}
          label={say('revealError')}
          write={errorText}
        />
      ) : null}
      {attempt.frames.length === 0 ? null : (
        <details className="fields" open>
          <summary>{say('frames')}</summary>
          <pre className="code frames" tabIndex={0} aria-label={say('frames')}>
            {attempt.frames.join('\n')}
          </pre>
        </details>
      )}
      {attempt.libraryFrames.length === 0 ? null : (
        <details className="fields">
          <summary>{say('libraryFrames', { n: attempt.libraryFrames.length })}</summary>
          <pre className="code frames" tabIndex={0} aria-label={say('frames')}>
            {attempt.libraryFrames.join('\n')}
          </pre>
        </details>
      )}
    </Card>
  )
}
