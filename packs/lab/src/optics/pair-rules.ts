// The rules both eyes, the frame and the paper must keep together.
import { z } from 'zod'
import { outside, type PairRule } from './finding.ts'
import { smallestBlank } from './geometry.ts'
import { isMultifocal, type Prescription } from './prescription.ts'

const PD = [50, 80] as const
const NEAR_PD = [45, 78] as const
/** A binocular distance and the sum of two halves, each measured to half a millimetre. */
const PD_SLACK_MM = 1
const VERTEX = [5, 25] as const
const TILT = [-5, 30] as const
const WRAP = [0, 35] as const
const A = [20, 80] as const
const B = [12, 70] as const
const DBL = [8, 35] as const
const FAR_APART_D = 3
const SEGMENTS_APART_MM = 3
const CHILD_YEARS = 13
/** Polycarbonate, and the lightweight urethane of index 1.53, withstand impact. */
const TOUGH = new Set([1.53, 1.586])
export const INDEXES: readonly number[] = [1.498, 1.53, 1.586, 1.6, 1.67, 1.74]

function isDay(day: string | null): day is string {
  return day !== null && z.iso.date().safeParse(day).success
}

const when = (wrong: boolean, message: string): string | null => (wrong ? message : null)
const far = (rx: Prescription): number | null =>
  rx.pd ?? (rx.od.pd !== null && rx.os.pd !== null ? rx.od.pd + rx.os.pd : null)

export const PAIR_RULES: readonly PairRule[] = [
  {
    code: 'pd-missing',
    severity: 'error',
    check: (rx) =>
      when(
        rx.pd === null && rx.od.pd === null && rx.os.pd === null,
        'give the pupillary distance, of both eyes or of each',
      ),
  },
  {
    code: 'monocular-pd-one-sided',
    severity: 'error',
    check: (rx) =>
      when(
        (rx.od.pd === null) !== (rx.os.pd === null),
        'give the distance of both eyes, or of none',
      ),
  },
  {
    code: 'pd-out-of-range',
    severity: 'error',
    check: (rx) => when(outside(rx.pd, ...PD), 'the pupillary distance is from 50 to 80 mm'),
  },
  {
    code: 'pd-sum-mismatch',
    severity: 'warning',
    check: (rx) =>
      when(
        rx.pd !== null &&
          rx.od.pd !== null &&
          rx.os.pd !== null &&
          Math.abs(rx.od.pd + rx.os.pd - rx.pd) > PD_SLACK_MM,
        'the distances of each eye do not add up to that of both; measure again',
      ),
  },
  {
    code: 'near-pd-out-of-range',
    severity: 'error',
    check: (rx) => when(outside(rx.nearPd, ...NEAR_PD), 'the near distance is from 45 to 78 mm'),
  },
  {
    code: 'near-pd-not-less',
    severity: 'error',
    check: (rx) => {
      const distance = far(rx)
      return when(
        rx.nearPd !== null && distance !== null && rx.nearPd >= distance,
        'eyes turn in to read: the near distance is less than the far one; were they exchanged?',
      )
    },
  },
  {
    code: 'vertex-out-of-range',
    severity: 'error',
    check: (rx) => when(outside(rx.vertex, ...VERTEX), 'the vertex distance is from 5 to 25 mm'),
  },
  {
    code: 'tilt-out-of-range',
    severity: 'error',
    check: (rx) => when(outside(rx.tilt, ...TILT), 'the pantoscopic tilt is from -5 to 30 degrees'),
  },
  {
    code: 'wrap-out-of-range',
    severity: 'error',
    check: (rx) => when(outside(rx.wrap, ...WRAP), 'the wrap is from 0 to 35 degrees'),
  },
  {
    code: 'index-unknown',
    severity: 'error',
    check: (rx) =>
      when(
        rx.index !== null && !INDEXES.includes(rx.index),
        `the index is one of ${INDEXES.join(', ')}`,
      ),
  },
  {
    code: 'frame-incomplete',
    severity: 'error',
    check: ({ frame }) =>
      when(
        frame !== null && [frame.a, frame.b, frame.dbl].some((size) => size === null),
        'a frame is measured by A, B and DBL; give all three',
      ),
  },
  {
    code: 'frame-size-out-of-range',
    severity: 'error',
    check: ({ frame }) =>
      when(
        frame !== null &&
          (outside(frame.a, ...A) || outside(frame.b, ...B) || outside(frame.dbl, ...DBL)),
        'A is from 20 to 80 mm, B from 12 to 70, DBL from 8 to 35',
      ),
  },
  {
    code: 'frame-diameter-too-small',
    severity: 'error',
    check: ({ frame }) =>
      when(
        frame !== null &&
          frame.ed !== null &&
          !(frame.ed >= Math.max(frame.a ?? 0, frame.b ?? 0) && Number.isFinite(frame.ed)),
        'the effective diameter cannot be less than the width or height of the lens',
      ),
  },
  {
    code: 'blank-too-small',
    severity: 'error',
    check: (rx) => {
      const distance = far(rx)
      const least = rx.frame && distance !== null ? smallestBlank(rx.frame, distance) : null
      return when(
        rx.blank !== null && !(rx.blank >= (least ?? 0)),
        'the lens cannot be cut from this blank; take a larger one or a smaller frame',
      )
    },
  },
  {
    code: 'cylinder-signs-mixed',
    severity: 'error',
    check: ({ od, os }) =>
      when(
        od.cylinder * os.cylinder < 0,
        'one eye is written with plus and one with minus cylinder; write both alike',
      ),
  },
  {
    code: 'spheres-far-apart',
    severity: 'warning',
    check: ({ od, os }) =>
      when(
        od.sphere !== null && os.sphere !== null && Math.abs(od.sphere - os.sphere) > FAR_APART_D,
        'the eyes differ by more than 3.00; ask the prescriber',
      ),
  },
  {
    code: 'spheres-of-opposite-sign',
    severity: 'warning',
    check: ({ od, os }) =>
      when(
        od.sphere !== null && os.sphere !== null && od.sphere * os.sphere < 0,
        'one sphere is plus and one minus; was a sign lost?',
      ),
  },
  {
    code: 'adds-differ',
    severity: 'warning',
    check: ({ od, os }) =>
      when(
        od.add !== null && os.add !== null && od.add !== os.add,
        'the adds of the two eyes differ, which is rare',
      ),
  },
  {
    code: 'segment-heights-far-apart',
    severity: 'warning',
    check: ({ od, os, lensType }) =>
      when(
        isMultifocal(lensType) &&
          od.segmentHeight !== null &&
          os.segmentHeight !== null &&
          Math.abs(od.segmentHeight - os.segmentHeight) > SEGMENTS_APART_MM,
        'the heights of the two eyes differ by more than 3 mm; measure again',
      ),
  },
  {
    code: 'day-not-in-calendar',
    severity: 'error',
    check: ({ bornOn, expiresOn, issuedOn }) =>
      when(
        [bornOn, expiresOn, issuedOn].some((day) => day !== null && !isDay(day)),
        'a day of issue, end or birth is none of the calendar; write it as 2026-03-02',
      ),
  },
  {
    code: 'born-in-the-future',
    severity: 'error',
    check: ({ bornOn }, { today }) =>
      when(
        isDay(bornOn) && bornOn > today,
        'the day of birth has not come yet; were the days exchanged?',
      ),
  },
  {
    code: 'issued-in-the-future',
    severity: 'error',
    check: (rx, { today }) =>
      when(isDay(rx.issuedOn) && rx.issuedOn > today, 'the day of issue has not come yet'),
  },
  {
    code: 'expires-before-issue',
    severity: 'error',
    check: (rx) =>
      when(
        isDay(rx.issuedOn) && isDay(rx.expiresOn) && rx.expiresOn < rx.issuedOn,
        'the prescription ends before it begins; were the days exchanged?',
      ),
  },
  {
    code: 'prescription-expired',
    severity: 'error',
    check: (rx, { today }) =>
      when(
        isDay(rx.expiresOn) && rx.expiresOn < today,
        'the prescription has expired; ask for a new one',
      ),
  },
  {
    code: 'child-without-tough-lens',
    severity: 'warning',
    check: (rx, { today }) =>
      when(
        isDay(rx.bornOn) &&
          rx.bornOn <= today &&
          rx.index !== null &&
          ageOn(rx.bornOn, today) < CHILD_YEARS &&
          !TOUGH.has(rx.index),
        'children get lenses that withstand impact: polycarbonate, or index 1.53',
      ),
  },
]

/** Whole years from a day of birth to a day. */
export function ageOn(bornOn: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(bornOn.slice(0, 4))
  return day.slice(5) < bornOn.slice(5) ? years - 1 : years
}
