// How a queue is, in a word: paused, without a worker, working, idle.
import type { Queue } from 'orderly/api'
import { useTexts } from '../../app/texts.ts'
import { StateBadge } from '../../parts/state-badge.tsx'
import { QUEUE_TEXTS } from './texts.ts'

export function QueueState({ queue }: { readonly queue: Queue }) {
  const say = useTexts(QUEUE_TEXTS)
  if (queue.paused) return <StateBadge state="paused" label={say('paused')} />
  if (queue.workers === 0) return <StateBadge state="failed" label={say('noWorker')} />
  return queue.counts.active > 0 ? (
    <StateBadge state="active" label={say('works')} />
  ) : (
    <StateBadge state="waiting" label={say('idle')} />
  )
}
