import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chiral, readDcs, recordsOf, setRecord, valueOf, writeDcs } from './document.ts'
import { EMPTY_EYE, prismParts } from '../optics/prescription.ts'
import { dcsOfJob, lensesOf, readDcsJob, withStatus } from './job.ts'
import { measureTrace, readTraces } from './trace.ts'
import { prescriptions, SOUND } from '../../fixtures/prescriptions.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const text = (data: Uint8Array): string => Buffer.from(data).toString('latin1')

const ORDER = [
  'JOB="100234"',
  'DO=B',
  'SPH=-2.00;-2.25',
  'CYL=-0.50;-0.75',
  'AX=180;005',
  'ADD=1.50;1.50',
  'IPD=;33',
  'LTYP=PR;PR',
  '_TRAY=blue 7',
  'XYZZY=?;?;?',
  '',
].join('\r\n')

describe('data files', () => {
  it('write back every byte of any file whatever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (data) => {
        expect(Buffer.from(writeDcs(readDcs(data)))).toEqual(Buffer.from(data))
      }),
    )
  })
  it('write back every byte of files made of records with any ending', () => {
    const line = fc.tuple(
      fc.stringMatching(/^_?[A-Z]{1,8}$/),
      fc.stringMatching(/^[ -~]{0,20}$/),
      fc.constantFrom('\r\n', '\n', '\r', '\r\n\r\n', '\u001c'),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const file = lines.map(([label, value, end]) => `${label}=${value}${end}`).join('')
        expect(text(writeDcs(readDcs(bytes(file))))).toBe(file)
      }),
    )
  })
  it('keep an empty side apart from a value for both', () => {
    expect(chiral(';33')).toEqual({ od: null, os: '33' })
    expect(chiral('33;')).toEqual({ od: '33', os: null })
    expect(chiral('17.5')).toEqual({ od: '17.5', os: '17.5' })
  })
  it('change one record and nothing else', () => {
    const changed = withStatus(readDcs(bytes(ORDER)), 0, 'ok')
    expect(text(writeDcs(changed))).toBe(`${ORDER}STATUS=0;ok\r\n`)
    const again = setRecord(changed, 'DO', 'R')
    expect(text(writeDcs(again))).toBe(`${ORDER.replace('DO=B', 'DO=R')}STATUS=0;ok\r\n`)
  })
  it('take no value that would become another record', () => {
    expect(() => setRecord(readDcs(bytes(ORDER)), 'TINT', 'grey\r\nSPH=9')).toThrow(RangeError)
    expect(() => setRecord(readDcs(bytes(ORDER)), 'A=B', 'x')).toThrow(RangeError)
  })
  it('refuse a file of another kind by its size', () => {
    expect(() => readDcs(new Uint8Array(5 * 1024 * 1024))).toThrow(RangeError)
  })
  it('keep unknown and private records', () => {
    const document = readDcs(bytes(ORDER))
    expect(valueOf(document, '_TRAY')).toBe('blue 7')
    expect(recordsOf(document, 'XYZZY')).toHaveLength(1)
  })
})

describe('orders in data files', () => {
  it('read what a laboratory sends', () => {
    const { job, problems } = readDcsJob(readDcs(bytes(ORDER)))
    expect(problems).toEqual([])
    expect(job).toMatchObject({
      job: '100234',
      lenses: 'B',
      prescription: {
        lensType: 'progressive',
        od: { sphere: -2, cylinder: -0.5, axis: 180, add: 1.5, pd: null },
        os: { sphere: -2.25, cylinder: -0.75, axis: 5, add: 1.5, pd: 33 },
      },
    })
  })
  it('say which record is no number, and never what it held', () => {
    const { problems } = readDcsJob(readDcs(bytes('JOB=1\r\nSPH=two;-1\r\n')))
    expect(problems).toEqual([
      { code: 'dcs-number', label: 'SPH', message: 'SPH must be a number' },
    ])
  })
  it('take no value for one that a machine leaves out, and no number that is not written in digits', () => {
    const read = (values: string) => readDcsJob(readDcs(bytes(`JOB=1\r\nSPH=${values}\r\n`)))
    expect(read('?;-1.25')).toMatchObject({
      problems: [],
      job: { prescription: { od: { sphere: null }, os: { sphere: -1.25 } } },
    })
    expect(read('.5;+2.').job.prescription).toMatchObject({
      od: { sphere: 0.5 },
      os: { sphere: 2 },
    })
    for (const odd of ['0x10', '1e1', '-1,25', 'Infinity'])
      expect(read(`${odd};0`).problems).toMatchObject([{ code: 'dcs-number', label: 'SPH' }])
  })
  it('read the one lens that is asked for, whichever side stands empty', () => {
    const read = (lines: string) => readDcsJob(readDcs(bytes(lines.replaceAll(' ', '\r\n'))))
    expect(read('JOB=1 DO=L SPH=;-2.00 LTYP=;PR ')).toMatchObject({
      problems: [],
      job: { lenses: 'L', prescription: { lensType: 'progressive', os: { sphere: -2 } } },
    })
    expect(read('JOB=1 DO=B SPH=-1.00;-2.00 LTYP=SV;PR ').problems).toMatchObject([
      { code: 'dcs-lens-type', label: 'LTYP' },
    ])
    expect(read('JOB=1 SPH=-1.00;-2.00 LTYP=XX;XX ').problems).toHaveLength(1)
  })
  it('come back from a file as they were written, whatever lenses, prism and distances they have', () => {
    const jobs = fc.record({
      rx: prescriptions(),
      lenses: fc.constantFrom('B' as const, 'R' as const, 'L' as const),
      prism: fc.array(
        fc.record({
          amount: fc.integer({ min: 1, max: 24 }).map((n) => n / 4),
          base: fc.integer({ min: 0, max: 359 }),
        }),
        { maxLength: 3 },
      ),
      far: fc.constantFrom('binocular' as const, 'each' as const, 'one' as const, 'none' as const),
      right: fc.integer({ min: 50, max: 79 }).map((n) => n / 2),
      left: fc.integer({ min: 50, max: 79 }).map((n) => n / 2),
      turn: fc.option(fc.integer({ min: 1, max: 8 }), { nil: null }),
    })
    fc.assert(
      fc.property(jobs, ({ rx, lenses, prism, far, right, left, turn }) => {
        const pd = right + left
        const whole = far === 'none' || far === 'each' ? null : pd
        const eye = (side: 'od' | 'os', own: number) => ({
          ...rx[side],
          prism,
          pd: far === 'each' || (far === 'one' && side === 'od') ? own : null,
        })
        const given = {
          ...rx,
          od: eye('od', right),
          os: eye('os', left),
          pd: whole,
          nearPd: turn === null ? null : pd - turn,
        }
        const file = writeDcs(dcsOfJob({ job: '77', lenses, prescription: given }))
        const { job, problems } = readDcsJob(readDcs(file))
        const back = job.prescription
        expect(problems).toEqual([])
        expect(job.lenses).toBe(lenses)
        expect(back.lensType).toBe(rx.lensType)
        expect(back.frame).toEqual(rx.frame && { ...rx.frame })
        for (const [side, asked] of [
          ['od', lenses !== 'L'],
          ['os', lenses !== 'R'],
        ] as const) {
          const { sphere, cylinder, add, axis, opticalCentreHeight, segmentHeight } = rx[side]
          expect(back[side]).toMatchObject(
            asked
              ? { sphere, cylinder, add, opticalCentreHeight, segmentHeight }
              : { sphere: null, cylinder: 0, add: null, prism: [], pd: null },
          )
          if (!asked) continue
          expect(back[side].axis).toBe(cylinder === 0 ? null : axis)
          const [was, is] = [prismParts(prism), prismParts(back[side].prism)]
          expect(is.horizontal).toBeCloseTo(was.horizontal, 1)
          expect(is.vertical).toBeCloseTo(was.vertical, 1)
          expect(back[side].prism.length).toBeLessThanOrEqual(1)
          const own = side === 'od' ? right : left
          if (far !== 'none') expect(back[side].pd).toBe(far === 'binocular' ? pd / 2 : own)
        }
        if (lenses !== 'B') return
        expect(back.pd).toBe(far === 'none' ? null : pd)
        if (turn === null) expect(back.nearPd).toBeNull()
        else expect(back.nearPd).toBeCloseTo(pd - turn, 2)
        // Written and read once more, nothing changes.
        const again = writeDcs(dcsOfJob(job))
        expect(text(writeDcs(dcsOfJob(readDcsJob(readDcs(again)).job)))).toBe(text(again))
      }),
    )
  })
  it('write the lenses there are powers for', () => {
    const right = { ...SOUND, os: EMPTY_EYE }
    expect(lensesOf(SOUND)).toBe('B')
    expect(lensesOf(right)).toBe('R')
    expect(lensesOf({ ...SOUND, od: EMPTY_EYE })).toBe('L')
    const file = text(writeDcs(dcsOfJob({ job: '7', lenses: 'R', prescription: right })))
    expect(file).toContain('DO=R\r\n')
    expect(file).toContain('SPH=-2.00;\r\n')
    expect(file).toContain('LTYP=PR;\r\n')
  })
})

describe('tracings', () => {
  const circle = (points: number): string =>
    [
      `TRCFMT=1;${points};E;R;F`,
      ...Array.from({ length: points / 10 }, () => `R=${Array(10).fill('2500').join(';')}`),
    ].join('\r\n')

  it('measure a round frame by its diameter', () => {
    const { traces, problems } = readTraces(readDcs(bytes(circle(400))))
    expect(problems).toEqual([])
    const { a, b, circumference } = measureTrace(traces[0]!)
    expect(a).toBeCloseTo(50, 2)
    expect(b).toBeCloseTo(50, 2)
    expect(circumference).toBeCloseTo(Math.PI * 50, 1)
  })
  it('say what is wrong with one that cannot be used', () => {
    const problem = (file: string): string | undefined =>
      readTraces(readDcs(bytes(file))).problems[0]?.code
    expect(problem('TRCFMT=1;20;E;R;F\r\nR=1;2')).toBe('trace-points')
    expect(problem('TRCFMT=4;20;E;R;F\r\n')).toBe('trace-format')
    expect(problem('TRCFMT=1;2;U;L;F\r\nR=1;2\r\nA=1')).toBe('trace-angles')
    expect(problem('TRCFMT=1;2;E;L;F\r\nR=1;x')).toBe('trace-number')
  })
})
