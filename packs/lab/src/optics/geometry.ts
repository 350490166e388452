// The arithmetic of lenses: transposition, prism by decentration, blanks, vertex distance.
import type { Frame } from './prescription.ts'

export interface Power {
  readonly sphere: number
  readonly cylinder: number
  /** 1 to 180; null when there is no cylinder. */
  readonly axis: number | null
}

/** An axis brought into 1 to 180: 0 is 180. */
export function normalAxis(axis: number): number {
  const within = ((axis % 180) + 180) % 180
  return within === 0 ? 180 : within
}

/** The same lens written with the cylinder of the other sign. Twice gives back what there was. */
export function transpose({ sphere, cylinder, axis }: Power): Power {
  if (cylinder === 0) return { sphere, cylinder: 0, axis: null }
  return {
    sphere: sphere + cylinder,
    cylinder: -cylinder,
    axis: axis === null ? null : normalAxis(axis + 90),
  }
}

/** The lens written with a cylinder that is not positive, as laboratories do. */
export function minusForm(power: Power): Power {
  return power.cylinder > 0 ? transpose(power) : power
}

export function sphericalEquivalent({ sphere, cylinder }: Power): number {
  return sphere + cylinder / 2
}

/** Power in the meridian at `degrees`: sphere + cylinder · sin²(degrees − axis). */
export function powerInMeridian({ sphere, cylinder, axis }: Power, degrees: number): number {
  const turned = ((degrees - (axis ?? 0)) * Math.PI) / 180
  return sphere + cylinder * Math.sin(turned) ** 2
}

/** The greater of the two principal powers, without its sign: tolerances go by it. */
export function highestPower({ sphere, cylinder }: Power): number {
  return Math.max(Math.abs(sphere), Math.abs(sphere + cylinder))
}

/** Prism dioptres of a lens looked through `millimetres` off its centre (Prentice's rule). */
export function prismOfDecentration(power: number, millimetres: number): number {
  return Math.abs((millimetres / 10) * power)
}

/** How far each optical centre moves from the middle of its lens, inwards positive; `pd` is of both eyes. */
export function decentration({ a, dbl }: { a: number; dbl: number }, pd: number): number {
  return (a + dbl - pd) / 2
}

/** Cutting and edging allowance of a blank. */
const ALLOWANCE_MM = 2

/** The smallest blank a lens can be cut from; null where the frame is not measured. */
export function smallestBlank(frame: Frame, pd: number): number | null {
  const { a, dbl, ed } = frame
  if (a === null || dbl === null || ed === null) return null
  return ed + 2 * Math.abs(decentration({ a, dbl }, pd)) + ALLOWANCE_MM
}

/**
 * The power that does at `to` millimetres from the eye what `power` does at `from`: F' = F / (1 - d·F), d in metres, the
 * way the lens is moved towards the eye.
 */
export function vertexPower(power: number, from: number, to: number): number {
  return power / (1 - ((from - to) / 1_000) * power)
}
