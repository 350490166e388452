// A value of a pack that is good or bad: a sign and a colour beside the word, never the colour alone.
import type { ReactNode } from 'react'
import { IconAlertTriangle, IconCheck, IconPoint, IconX } from '../../look/icons.ts'

const SIGNS = {
  neutral: IconPoint,
  good: IconCheck,
  warning: IconAlertTriangle,
  bad: IconX,
} as const

export function Toned({
  tone = 'neutral',
  isBadge = false,
  children,
}: {
  readonly tone?: keyof typeof SIGNS | undefined
  /** A word of a column of states, which has a sign even when it is neither. */
  readonly isBadge?: boolean
  readonly children: ReactNode
}) {
  if (tone === 'neutral' && !isBadge) return children
  const Sign = SIGNS[tone]
  return (
    <span className="state" data-tone={tone}>
      <Sign size={14} stroke={2.2} aria-hidden />
      <span>{children}</span>
    </span>
  )
}
