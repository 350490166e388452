// How an attempt ended, as a word and an icon.
import type { JobAttempt } from 'orderly/api'
import { useTexts } from '../../app/texts.ts'
import { StateBadge } from '../../parts/state-badge.tsx'
import { LIFE_TEXTS } from './texts.ts'

export function AttemptEnd({ attempt }: { readonly attempt: JobAttempt }) {
  const life = useTexts(LIFE_TEXTS)
  const { end } = attempt
  const state = end === null ? 'active' : end === 'completed' ? 'completed' : 'failed'
  const isKnown = end !== null && end in LIFE_TEXTS
  return (
    <StateBadge
      state={state}
      {...(isKnown ? { label: life(end as keyof typeof LIFE_TEXTS) } : {})}
    />
  )
}
