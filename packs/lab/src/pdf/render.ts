// Renders each kind of document to a PDF.
import { formatAxis, formatPower, formatPrism } from '../optics/notation.ts'
import type { Eye, Prescription } from '../optics/prescription.ts'
import type {
  ExaminationForm,
  Invoice,
  LabDocument,
  OrderFacts,
  OrderSheet,
  Party,
  Receipt,
  WorkTicket,
} from './documents.ts'
import { formatMoney, formatRate, totalsOf } from './money.ts'
import { openSheet, type Column, type Sheet } from './sheet.ts'

/**
 * The PDF of a document. The same document gives the same bytes.
 *
 * @throws RangeError when it holds what no page or barcode can
 */
export function renderDocument(document: LabDocument): Promise<Uint8Array> {
  const sheet = openSheet({
    title: titleOf(document),
    created: document.created,
    author: document.from.name,
    foot: `${document.from.name} · ${titleOf(document)}`,
  })
  switch (document.kind) {
    case 'order-sheet':
      orderSheet(sheet, document)
      break
    case 'lab-work-ticket':
      workTicket(sheet, document)
      break
    case 'invoice':
      invoice(sheet, document)
      break
    case 'receipt':
      receipt(sheet, document)
      break
    case 'examination-form':
      examinationForm(sheet, document)
      break
  }
  return sheet.finish()
}

/** No name of a patient: titles show in windows and lists. */
export function titleOf(document: LabDocument): string {
  switch (document.kind) {
    case 'order-sheet':
      return `Order ${document.order.number}`
    case 'lab-work-ticket':
      return `Work ticket ${document.order.number}`
    case 'invoice':
      return `${document.credits === undefined ? 'Invoice' : 'Credit note'} ${document.number}`
    case 'receipt':
      return `Receipt ${document.number}`
    case 'examination-form':
      return `Examination ${document.patient.number}`
  }
}

function partyText({ name, address, email }: Party): string {
  return [name, ...address, ...(email === undefined ? [] : [email])].join('\n')
}

function parties(sheet: Sheet, ...given: readonly (readonly [string, Party])[]): void {
  sheet.facts(
    given.map(([label, party]) => [label, partyText(party)]),
    2,
  )
}

const EYES: readonly Column[] = [
  { title: '', share: 1 },
  { title: 'Sphere', share: 2, align: 'right' },
  { title: 'Cylinder', share: 2, align: 'right' },
  { title: 'Axis', share: 1.5, align: 'right' },
  { title: 'Add', share: 1.5, align: 'right' },
  { title: 'Prism', share: 3, align: 'right' },
  { title: 'PD', share: 1.5, align: 'right' },
  { title: 'Height', share: 1.5, align: 'right' },
]

function eyes(sheet: Sheet, { od, os }: Prescription): void {
  const line = (name: string, eye: Eye): string[] => [
    name,
    eye.sphere === null ? '—' : formatPower(eye.sphere),
    eye.cylinder === 0 ? '—' : formatPower(eye.cylinder),
    eye.cylinder === 0 || eye.axis === null ? '—' : formatAxis(eye.axis),
    eye.add === null ? '—' : formatPower(eye.add),
    eye.prism.length === 0 ? '—' : eye.prism.map(formatPrism).join(', '),
    millimetres(eye.pd),
    millimetres(eye.segmentHeight ?? eye.opticalCentreHeight),
  ]
  sheet.table(EYES, [line('OD', od), line('OS', os)])
}

function millimetres(value: number | null | undefined): string {
  return value === null || value === undefined ? '—' : value.toFixed(1)
}

function lens(sheet: Sheet, order: OrderFacts): void {
  const { prescription: rx } = order
  sheet.facts([
    ['Lens', rx.lensType.replace('-', ' ')],
    ['Material', order.material],
    ['Index', rx.index === null ? '' : String(rx.index)],
    ['Coating', order.coating],
    ['Tint', order.tint],
    ['PD far', rx.pd === null ? '' : `${millimetres(rx.pd)} mm`],
    ['PD near', rx.nearPd === null ? '' : `${millimetres(rx.nearPd)} mm`],
    ['Vertex', rx.vertex === null ? '' : `${rx.vertex} mm`],
  ])
  sheet.heading('Frame')
  sheet.facts(
    [
      ['Frame', order.frame],
      ...(['a', 'b', 'dbl', 'ed'] as const).map((size): [string, string] => [
        size.toUpperCase(),
        rx.frame ? `${millimetres(rx.frame[size])} mm` : '',
      ]),
    ],
    5,
  )
}

function orderSheet(sheet: Sheet, document: OrderSheet): void {
  const { order } = document
  sheet.title(titleOf(document), document.from.name)
  parties(sheet, ['Practice', document.to], ['Laboratory', document.from])
  sheet.facts([
    ['Ordered', order.orderedOn],
    ['Due', order.dueOn ?? ''],
    ['Patient', order.patient],
  ])
  sheet.heading('Prescription')
  eyes(sheet, order.prescription)
  sheet.heading('Lens')
  lens(sheet, order)
  if (order.notes !== '') {
    sheet.heading('Notes')
    sheet.text(order.notes)
  }
}

function workTicket(sheet: Sheet, document: WorkTicket): void {
  const { order } = document
  sheet.title('Work ticket', document.from.name)
  sheet.large(order.number)
  sheet.barcode(order.number)
  sheet.facts([
    ['Tray', document.tray],
    ['Due', order.dueOn ?? ''],
    ['Ordered', order.orderedOn],
    ['Patient', order.patient],
  ])
  sheet.heading('Prescription')
  eyes(sheet, order.prescription)
  lens(sheet, order)
  sheet.heading('Steps')
  sheet.boxes(document.steps)
  if (order.notes !== '') {
    sheet.heading('Notes')
    sheet.text(order.notes)
  }
}

const LINES: readonly Column[] = [
  { title: 'Description', share: 6 },
  { title: 'Quantity', share: 1.5, align: 'right' },
  { title: 'Price', share: 2, align: 'right' },
  { title: 'Tax', share: 1.5, align: 'right' },
  { title: 'Amount', share: 2, align: 'right' },
]

function invoice(sheet: Sheet, document: Invoice): void {
  const { currency, credits } = document
  const sign = credits === undefined ? 1 : -1
  const lines = document.lines.map((line) => ({ ...line, quantity: sign * line.quantity }))
  const { net, taxes, gross } = totalsOf(lines, document.rounding)
  const money = (cents: number): string => formatMoney(cents, currency)
  sheet.title(titleOf(document), document.from.name)
  parties(sheet, ['From', document.from], ['To', document.to])
  sheet.facts([
    ['Issued', document.issuedOn],
    ['Due', document.dueOn ?? ''],
    ['Credits invoice', credits ?? ''],
  ])
  sheet.table(
    LINES,
    lines.map(({ description, quantity, unitCents, taxRate }) => [
      description,
      String(quantity),
      money(unitCents),
      formatRate(taxRate),
      money(quantity * unitCents),
    ]),
  )
  sheet.totals([
    ['Net', money(net)],
    ...taxes.map(({ rate, cents }): [string, string] => [`Tax ${formatRate(rate)}`, money(cents)]),
    [credits === undefined ? 'Total' : 'Credit', money(gross)],
  ])
}

function receipt(sheet: Sheet, document: Receipt): void {
  const { currency, payments, total } = document
  const paid = payments.reduce((sum, { cents }) => sum + cents, 0)
  const money = (cents: number): string => formatMoney(cents, currency)
  sheet.title(titleOf(document), document.from.name)
  parties(sheet, ['From', document.from], ['To', document.to])
  sheet.facts([['Invoice', document.invoice]])
  sheet.table(
    [
      { title: 'Paid on', share: 2 },
      { title: 'By', share: 4 },
      { title: 'Amount', share: 2, align: 'right' },
    ],
    payments.map(({ on, method, cents }) => [on, method, money(cents)]),
  )
  sheet.totals([
    ['Invoice total', money(total)],
    ['Paid', money(paid)],
    ['Balance', money(total - paid)],
  ])
}

function examinationForm(sheet: Sheet, document: ExaminationForm): void {
  const { patient, pressure, prescription } = document
  const or = (text: string): string => (text === '' ? '____________________' : text)
  sheet.title('Eye examination', document.from.name)
  sheet.facts([
    ['Patient', patient.name],
    ['Born', patient.bornOn],
    ['Number', patient.number],
    ['Examined', or(document.examinedOn ?? '')],
    ['Examiner', or(document.examiner)],
  ])
  sheet.heading('Reason for visit')
  sheet.text(or(document.reason))
  sheet.heading('History')
  sheet.text(or(document.history))
  sheet.heading('Visual acuity')
  sheet.table(
    [
      { title: 'Test', share: 3 },
      { title: 'OD', share: 2 },
      { title: 'OS', share: 2 },
    ],
    [
      ...document.acuity.map(({ what, od, os }) => [what, od, os]),
      ['Intraocular pressure (mmHg)', pressure?.od ?? '', pressure?.os ?? ''],
    ],
  )
  sheet.heading('Refraction')
  if (prescription) eyes(sheet, prescription)
  else sheet.table(EYES, [['OD'], ['OS']])
  sheet.heading('Plan')
  sheet.text(or(document.plan))
}
