import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../../../packages/bullmq-sqlite/conformance/programs.ts'
import { SAMPLE_DOCUMENTS as DOCUMENTS } from '../cli/samples.ts'
import { DOCUMENT_KINDS, type Invoice, type LabDocument } from './documents.ts'
import { formatMoney, totalsOf } from './money.ts'
import { renderDocument } from './render.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-pdf-'))
  for (const program of ['pdftotext', 'pdfinfo', 'pdftoppm', 'pdffonts'])
    findProgram(program, 'poppler-utils')
  findProgram('zbarimg', 'zbar-tools')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function ask(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  expect(stderr).not.toMatch(/error/i)
  expect(status).toBe(0)
  return stdout
}
async function save(document: LabDocument, name: string = document.kind): Promise<string> {
  const file = join(folder, `${name}.pdf`)
  writeFileSync(file, await renderDocument(document))
  return file
}
const textOf = (file: string): string => ask('pdftotext', ['-layout', file, '-'])

const EXPECTED: Readonly<Record<LabDocument['kind'], readonly string[]>> = {
  'order-sheet': [
    'Order ORD-2026-00042',
    'Peña & Łukasik Eye Care',
    '-2.25',
    '005',
    '+1.50',
    'κόσμος',
    'Page 1 of 1',
  ],
  'lab-work-ticket': ['ORD-2026-00042', 'blue 7', '2026-03-06', 'Inspect'],
  invoice: ['INV-2026-00017', '$179.00', 'Tax 8.25%', '$18.89', '$254.82'],
  receipt: ['RCP-2026-00009', 'bank transfer', '$200.00', 'Balance', '$54.82'],
  'examination-form': ['Jolene Ríos', '1972-05-30', '20/80', 'Dr. Okafor', 'return in a year'],
}

describe('documents', () => {
  it.each(DOCUMENT_KINDS)(
    'write %s as a tagged PDF with embedded fonts that poppler reads',
    async (kind) => {
      const file = await save(DOCUMENTS[kind])
      const text = textOf(file)
      for (const words of EXPECTED[kind]) expect(text).toContain(words)
      expect(ask('pdfinfo', [file])).toMatch(/Tagged:\s+yes/)
      const fonts = ask('pdffonts', [file]).split('\n').slice(2).filter(Boolean)
      expect(fonts.length).toBeGreaterThan(0)
      for (const font of fonts) expect(font).toMatch(/DejaVu.*\byes yes yes\b/)
    },
  )
  it.each(DOCUMENT_KINDS)('write the same bytes for the same %s', async (kind) => {
    const [one, two] = [
      await renderDocument(DOCUMENTS[kind]),
      await renderDocument(DOCUMENTS[kind]),
    ]
    expect(Buffer.from(one).equals(Buffer.from(two))).toBe(true)
    const later = await renderDocument({
      ...DOCUMENTS[kind],
      created: DOCUMENTS[kind].created + 60_000,
    })
    expect(Buffer.from(later).equals(Buffer.from(one))).toBe(false)
  })
  it('draw names and texts from right to left, shaped, with numbers and Latin words in their place', async () => {
    const form = DOCUMENTS['examination-form']
    const name = 'שלום כהן'
    const file = await save(
      {
        ...form,
        patient: { ...form.patient, name },
        examiner: 'Dr. محمد سعيد',
        history: 'ضغط العين ١٥ طبيعي. '.repeat(12),
      },
      'right-to-left',
    )
    // Poppler reads glyphs from the left and puts what is Hebrew or Arabic into reading order by itself.
    const text = textOf(file).replaceAll(/\p{Bidi_Control}/gu, '')
    expect(text).toContain(name)
    expect(text).toContain('محمد سعيد')
    expect(text.match(/١٥/g)).toHaveLength(12)
    expect(text).not.toContain('٥١')
    const boxes = ask('pdftotext', ['-bbox', file, '-'])
    const left = (drawn: string): number =>
      Number(new RegExp(`xMin="([\\d.]+)"[^>]*>${drawn}<`).exec(boxes)?.[1])
    const turned = (word: string): number => left(Array.from(word).toReversed().join(''))
    // The first name stands at the right of the second, and the title at the left of the name it is of.
    expect(turned('שלום')).toBeGreaterThan(turned('כהן'))
    expect(left('Dr.')).toBeLessThan(turned('محمد'))
    expect(turned('محمد')).toBeGreaterThan(turned('سعيد'))
  })
  it('draw a barcode that a scanner reads', async () => {
    const file = await save(DOCUMENTS['lab-work-ticket'])
    ask('pdftoppm', ['-r', '150', '-png', '-singlefile', file, join(folder, 'ticket')])
    expect(
      ask('zbarimg', ['--quiet', '--nodbus', '--raw', join(folder, 'ticket.png')]).trim(),
    ).toBe('ORD-2026-00042')
  })
  it('name no patient in their titles', async () => {
    const file = await save(DOCUMENTS['examination-form'])
    expect(ask('pdfinfo', [file])).not.toContain('Jolene')
  })
  it('go on over pages, with the head of the table on each', async () => {
    const lines = Array.from({ length: 120 }, (_, n) => ({
      description: `Lens blank ${n} ${'of a very long name '.repeat(n % 4)}`,
      quantity: 1,
      unitCents: 100,
      taxRate: 0,
    }))
    const file = await save({ ...DOCUMENTS.invoice, lines }, 'long' as 'invoice')
    const pages = textOf(file).split('\f').filter(Boolean)
    expect(pages.length).toBeGreaterThan(3)
    for (const [n, page] of pages.entries()) {
      expect(page).toContain(`Page ${n + 1} of ${pages.length}`)
      if (n < pages.length - 1) expect(page).toContain('Description')
    }
    const text = pages.join('')
    for (let n = 0; n < 120; n++) expect(text).toContain(`Lens blank ${n} `)
  })
  it('survive names of any script, and leave out what would turn text around', async () => {
    const name = '田中 太郎 \u202Egnp.exe \u0000 ' + 'W'.repeat(200)
    const form = DOCUMENTS['examination-form']
    const file = await save({ ...form, patient: { ...form.patient, name } })
    expect(textOf(file)).not.toContain('\u202E')
    expect(readFileSync(file).subarray(0, 5).toString()).toBe('%PDF-')
  })
  it('refuse a job number that no barcode holds', async () => {
    const ticket = DOCUMENTS['lab-work-ticket']
    await expect(async () =>
      renderDocument({ ...ticket, order: { ...ticket.order, number: 'żółw' } }),
    ).rejects.toThrow(RangeError)
  })
})

describe('sums of money', () => {
  const lines = fc.array(
    fc.record({
      description: fc.constant('x'),
      quantity: fc.integer({ min: 1, max: 500 }),
      unitCents: fc.integer({ min: 0, max: 1_000_000 }),
      taxRate: fc.constantFrom(0, 500, 825, 1900),
    }),
    { maxLength: 20 },
  )
  it('are the same for a credit note with the sign turned', () => {
    fc.assert(
      fc.property(lines, fc.constantFrom('line' as const, 'total' as const), (each, rounding) => {
        const there = totalsOf(each, rounding)
        const back = totalsOf(
          each.map((line) => ({ ...line, quantity: -line.quantity })),
          rounding,
        )
        expect(back.gross + there.gross).toBe(0)
        expect(there.gross).toBe(there.net + there.taxes.reduce((sum, { cents }) => sum + cents, 0))
      }),
    )
  })
  it('differ between rounding by line and by total by half a cent a line at most', () => {
    fc.assert(
      fc.property(lines, (each) => {
        const [byLine, byTotal] = [totalsOf(each, 'line'), totalsOf(each, 'total')]
        expect(Math.abs(byLine.gross - byTotal.gross)).toBeLessThanOrEqual((each.length + 4) / 2)
      }),
    )
  })
  it('are shown in their currency', () => {
    expect([
      formatMoney(123_456, 'USD'),
      formatMoney(-5, 'USD'),
      formatMoney(1_200, 'JPY'),
    ]).toEqual(['$1,234.56', '-$0.05', '¥1,200'])
  })
  it('take a credit note for what it is', async () => {
    const note: Invoice = { ...DOCUMENTS.invoice, number: 'CRN-1', credits: 'INV-2026-00017' }
    const text = textOf(await save(note, 'credit' as 'invoice'))
    expect(text).toContain('Credit note CRN-1')
    expect(text).toContain('-$254.82')
  })
})
