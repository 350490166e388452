// By which rules a schedule fires: its zone, its bounds, and what happens to slots that overlap or were missed.
import { Link } from '@tanstack/react-router'
import { useFormats } from '../../app/format.ts'
import { usePreferences } from '../../app/preferences.ts'
import { useTexts } from '../../app/texts.ts'
import { Card } from '../../parts/page.tsx'
import type { Schedule } from './page.tsx'
import { SCHEDULE_TEXTS } from './texts.ts'
import { whenOf } from './when.ts'

export function Rules({ schedule }: { readonly schedule: Schedule }) {
  const say = useTexts(SCHEDULE_TEXTS)
  const format = useFormats()
  const { language } = usePreferences()
  const { job, workflow, version, spec, policy, source, declared, by } = schedule
  const { catchUp } = policy
  return (
    <Card title={say('rules')}>
      <dl className="facts">
        <dt>{say('what')}</dt>
        <dd>
          {job === null ? (
            <Link className="link" to="/workflows/$id" params={{ id: workflow ?? '' }}>
              {workflow}
              {version === null ? '' : ` v${version}`}
            </Link>
          ) : (
            <Link className="link" to="/types/$name" params={{ name: job }}>
              {job}
            </Link>
          )}
        </dd>
        {spec.zone === undefined ? null : (
          <>
            <dt>{say('zone')}</dt>
            <dd>{spec.zone}</dd>
          </>
        )}
        <dt>{say('overlapPolicy')}</dt>
        <dd>{say(policy.overlap)}</dd>
        <dt>{say('catchUp')}</dt>
        <dd>
          {typeof catchUp === 'object'
            ? say('catchSome', { n: catchUp.all })
            : say(catchUp === 'skip' ? 'catchSkip' : 'catchOne')}
        </dd>
        {spec.start === undefined ? null : (
          <>
            <dt>{say('start')}</dt>
            <dd>{format.fullTime(spec.start)}</dd>
          </>
        )}
        {spec.end === undefined ? null : (
          <>
            <dt>{say('end')}</dt>
            <dd>{format.fullTime(spec.end)}</dd>
          </>
        )}
        {spec.jitter === undefined ? null : (
          <>
            <dt>{say('jitter')}</dt>
            <dd>{format.span(spec.jitter)}</dd>
          </>
        )}
        {(spec.blackouts ?? []).map(({ from, to, reason }, index) => (
          <div key={`${from} ${to}`} style={{ display: 'contents' }}>
            <dt>{say('rest', { n: index + 1 })}</dt>
            <dd>
              {format.fullTime(from)} – {format.fullTime(to)}: {reason}
            </dd>
          </div>
        ))}
        <dt>{say('source')}</dt>
        <dd>{source === 'code' ? say('code') : by}</dd>
        {declared === null ? null : (
          <>
            <dt>{say('declared')}</dt>
            <dd>{whenOf(declared, language, format)}</dd>
          </>
        )}
      </dl>
    </Card>
  )
}
