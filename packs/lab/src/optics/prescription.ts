// What a prescription is: two eyes, where they look through the lens, and the frame that holds it.

/** Right and left, as prescriptions say it. */
export type Side = 'od' | 'os'

export type LensType = 'single-vision' | 'bifocal' | 'trifocal' | 'progressive'

/** Prism as it is prescribed: prism dioptres, and the direction of the base in degrees (0 to 360, wearer's right = 0). */
export interface Prism {
  readonly amount: number
  /** Null when the prescription names none. */
  readonly base: number | null
}

/** One eye. Powers in dioptres, lengths in millimetres, axes in degrees. */
export interface Eye {
  /** Null when it is missing. */
  readonly sphere: number | null
  readonly cylinder: number
  readonly axis: number | null
  readonly add: number | null
  readonly prism: readonly Prism[]
  /** From the middle of the nose to this pupil, for the distance. */
  readonly pd: number | null
  readonly segmentHeight: number | null
  readonly opticalCentreHeight: number | null
}

export interface Frame {
  /** Boxed width and height of one lens, distance between lenses, effective diameter; millimetres. */
  readonly a: number | null
  readonly b: number | null
  readonly dbl: number | null
  readonly ed: number | null
}

export interface Prescription {
  readonly od: Eye
  readonly os: Eye
  readonly lensType: LensType
  /** Refractive index of the material. */
  readonly index: number | null
  /** Both eyes together, distance and near. */
  readonly pd: number | null
  readonly nearPd: number | null
  readonly vertex: number | null
  readonly tilt: number | null
  readonly wrap: number | null
  readonly frame: Frame | null
  /** Diameter of the lens blank, when it is chosen. */
  readonly blank: number | null
  /** Calendar days, `YYYY-MM-DD`. */
  readonly issuedOn: string | null
  readonly expiresOn: string | null
  readonly bornOn: string | null
}

export const BASES = { right: 0, up: 90, left: 180, down: 270 } as const

/**
 * The direction in degrees of a base that is named. In and out are towards and away from the nose, so they differ by eye.
 *
 * @returns null for a word that names no base
 */
export function baseDegrees(side: Side, word: string): number | null {
  switch (word.trim().toUpperCase()) {
    case 'UP':
    case 'BU':
      return BASES.up
    case 'DOWN':
    case 'DN':
    case 'BD':
      return BASES.down
    case 'IN':
    case 'BI':
      return side === 'od' ? BASES.right : BASES.left
    case 'OUT':
    case 'BO':
      return side === 'od' ? BASES.left : BASES.right
    default:
      return null
  }
}

/** Horizontal (towards the wearer's left eye positive) and vertical (up positive) part of all prism of an eye. */
export function prismParts(prism: readonly Prism[]): { horizontal: number; vertical: number } {
  let horizontal = 0
  let vertical = 0
  for (const { amount, base } of prism) {
    const angle = ((base ?? 0) * Math.PI) / 180
    horizontal += amount * Math.cos(angle)
    vertical += amount * Math.sin(angle)
  }
  return { horizontal, vertical }
}

export function isMultifocal(lensType: LensType): boolean {
  return lensType !== 'single-vision'
}

export const EMPTY_EYE: Eye = {
  sphere: null,
  cylinder: 0,
  axis: null,
  add: null,
  prism: [],
  pd: null,
  segmentHeight: null,
  opticalCentreHeight: null,
}

export const EMPTY_PRESCRIPTION: Prescription = {
  od: EMPTY_EYE,
  os: EMPTY_EYE,
  lensType: 'single-vision',
  index: null,
  pd: null,
  nearPd: null,
  vertex: null,
  tilt: null,
  wrap: null,
  frame: null,
  blank: null,
  issuedOn: null,
  expiresOn: null,
  bornOn: null,
}
