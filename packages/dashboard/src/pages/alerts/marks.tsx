// How grave an alert is and what has become of it, as words with an icon.
import type { Alert } from 'orderly/api'
import { useTexts } from '../../app/texts.ts'
import { IconAlertTriangle } from '../../look/icons.ts'
import { StateBadge } from '../../parts/state-badge.tsx'
import { ALERT_TEXTS } from './texts.ts'

export function Severity({ of }: { readonly of: 'warning' | 'critical' }) {
  const say = useTexts(ALERT_TEXTS)
  return (
    <span className="state" data-state={of === 'critical' ? 'failed' : 'retrying'}>
      <IconAlertTriangle size={14} stroke={2.2} aria-hidden />
      <span>{say(of)}</span>
    </span>
  )
}

export function AlertState({ alert }: { readonly alert: Alert }) {
  const say = useTexts(ALERT_TEXTS)
  if (alert.state === 'resolved') return <StateBadge state="completed" label={say('resolved')} />
  if (alert.state === 'pending') return <StateBadge state="delayed" label={say('pending')} />
  if (alert.acknowledgedBy !== null)
    return <StateBadge state="active" label={say('taken', { who: alert.acknowledgedBy })} />
  return alert.silenced ? (
    <StateBadge state="paused" label={say('silenced')} />
  ) : (
    <StateBadge state="waiting" label={say('stillOpen')} />
  )
}
