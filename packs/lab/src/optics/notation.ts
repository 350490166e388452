// How optics is written: signs always shown, plano, axes of three digits.
import type { Eye, Prism } from './prescription.ts'

/** A power with its sign and two decimals, three where an eighth needs them: `+1.00`, `-0.125`; `PL` for none. */
export function formatPower(power: number, plano = 'PL'): string {
  if (power === 0) return plano
  const digits = Number.isInteger(power * 4) ? 2 : 3
  return `${power > 0 ? '+' : '-'}${Math.abs(power).toFixed(digits)}`
}

/** Three digits, `005`. */
export function formatAxis(axis: number): string {
  return String(axis).padStart(3, '0')
}

export function formatPrism(prism: Prism): string {
  const base = prism.base === null ? '?' : (NAMED.get(prism.base) ?? `${prism.base}°`)
  return `${prism.amount.toFixed(2)}Δ ${base}`
}

const NAMED = new Map([
  [90, 'up'],
  [270, 'down'],
])

/** The powers of an eye in one line: `-2.00 -0.50 x 180 add +1.50`. */
export function formatEye(eye: Eye): string {
  const parts = [eye.sphere === null ? '—' : formatPower(eye.sphere)]
  if (eye.cylinder !== 0)
    parts.push(`${formatPower(eye.cylinder)} x ${eye.axis === null ? '—' : formatAxis(eye.axis)}`)
  if (eye.add !== null) parts.push(`add ${formatPower(eye.add)}`)
  return parts.join(' ')
}

const POWER = /^[+-]?\d{1,2}(\.\d{1,3})?$/

/**
 * Reads a power as people write it: `-2.00`, `+.5`, `PL`, `plano`, `SPH`, `DS`.
 *
 * @returns null when it is none
 */
export function readPower(text: string): number | null {
  const trimmed = text.trim().replace('−', '-')
  if (/^(pl|plano|sph|ds|0+)$/i.test(trimmed)) return 0
  const full = trimmed.replace(/^([+-]?)\./, '$10.')
  return POWER.test(full) ? Number(full) : null
}
