// A rule of interaction: two sides, how bad it is, what to do, and who says so.

export const SEVERITIES = ['minor', 'moderate', 'major', 'contraindicated'] as const

export type Severity = (typeof SEVERITIES)[number]

/** Ingredients by name, and classes of the vocabulary. */
export interface Side {
  readonly ingredients?: readonly string[]
  readonly classes?: readonly string[]
}

export interface InteractionRule {
  /** Stable: findings are known by it. */
  readonly id: string
  readonly a: Side
  readonly b: Side
  readonly severity: Severity
  readonly effect: string
  readonly advice: string
  readonly sources: readonly string[]
  /** Days for which a medicine of each side still counts after it was stopped. */
  readonly washout?: { readonly a?: number; readonly b?: number }
}

/** A set of rules under one name and version; findings carry it, so that a new set re-opens only what differs. */
export interface RuleSet {
  readonly name: string
  readonly version: string
  readonly rules: readonly InteractionRule[]
}

export function isWorse(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b)
}

export function onSide(side: Side, ingredient: string, classes: readonly string[]): boolean {
  return (
    (side.ingredients?.includes(ingredient) ?? false) ||
    (side.classes?.some((name) => classes.includes(name)) ?? false)
  )
}
