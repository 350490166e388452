// Whether a run's evidence holds, as a word and an icon.
import { useTexts } from '../../app/texts.ts'
import { StateBadge } from '../../parts/state-badge.tsx'
import { EVIDENCE_TEXTS } from './texts.ts'

export function Verdict({ isValid }: { readonly isValid: boolean }) {
  const say = useTexts(EVIDENCE_TEXTS)
  return (
    <StateBadge
      state={isValid ? 'completed' : 'failed'}
      label={say(isValid ? 'valid' : 'invalid')}
    />
  )
}
