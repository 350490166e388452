// Made-up facts to try mails and documents with.
import type { Letter } from '../mail/letter.ts'
import {
  dailyBriefing,
  generalNotification,
  marketplaceConnection,
  orderConfirmation,
  purchaseOrder,
  shipment,
  type MailKind,
} from '../mail/letters.ts'
import { EMPTY_PRESCRIPTION, type Eye, type Prescription } from '../optics/prescription.ts'
import type { LabDocument, OrderFacts } from '../pdf/documents.ts'
import type { Company } from '../store/companies.ts'
import type { Order } from '../store/orders.ts'

const EYE: Eye = {
  sphere: -2,
  cylinder: -0.5,
  axis: 180,
  add: 1.5,
  prism: [],
  pd: 32,
  segmentHeight: 18,
  opticalCentreHeight: 20,
}

/** Breaks no rule; nobody's. */
export const SAMPLE_PRESCRIPTION: Prescription = {
  ...EMPTY_PRESCRIPTION,
  od: EYE,
  os: { ...EYE, sphere: -2.25, cylinder: -0.75, axis: 5 },
  lensType: 'progressive',
  index: 1.6,
  pd: 64,
  nearPd: 61,
  vertex: 13,
  tilt: 8,
  wrap: 5,
  frame: { a: 52, b: 34, dbl: 18, ed: 54 },
  blank: 70,
  issuedOn: '2026-01-15',
  expiresOn: '2028-01-15',
  bornOn: '1972-05-30',
}

const FROM = {
  name: 'Lakeside Optical Lab',
  address: ['12 Harbor Road', 'Duluth, MN 55802'],
  email: 'desk@lab.example',
}
const TO = { name: 'Peña & Łukasik Eye Care', address: ['4 Birch Street', 'Ely, MN 55731'] }

const ORDER: OrderFacts = {
  number: 'ORD-2026-00042',
  orderedOn: '2026-03-02',
  dueOn: '2026-03-06',
  patient: 'J. R.',
  prescription: SAMPLE_PRESCRIPTION,
  material: 'polyurethane',
  coating: 'anti-reflective',
  tint: 'none',
  frame: 'Northwind 52-18',
  notes: 'Edge polish. Ürün: κόσμος.',
}
const created = Date.UTC(2026, 2, 2, 9, 30)

export const SAMPLE_DOCUMENTS: {
  readonly [Kind in LabDocument['kind']]: Extract<LabDocument, { kind: Kind }>
} = {
  'order-sheet': { kind: 'order-sheet', created, from: FROM, to: TO, order: ORDER },
  'lab-work-ticket': {
    kind: 'lab-work-ticket',
    created,
    from: FROM,
    order: ORDER,
    tray: 'blue 7',
    steps: ['Surface', 'Coat', 'Edge', 'Inspect', 'Pack'],
  },
  invoice: {
    kind: 'invoice',
    created,
    from: FROM,
    to: TO,
    number: 'INV-2026-00017',
    issuedOn: '2026-03-02',
    dueOn: '2026-04-01',
    currency: 'USD',
    rounding: 'line',
    lines: [
      { description: 'Progressive lens, index 1.60', quantity: 2, unitCents: 8_950, taxRate: 825 },
      { description: 'Anti-reflective coating', quantity: 2, unitCents: 2_499, taxRate: 825 },
      { description: 'Shipping', quantity: 1, unitCents: 695, taxRate: 0 },
    ],
  },
  receipt: {
    kind: 'receipt',
    created,
    from: FROM,
    to: TO,
    number: 'RCP-2026-00009',
    invoice: 'INV-2026-00017',
    currency: 'USD',
    total: 25_482,
    payments: [{ on: '2026-03-20', method: 'bank transfer', cents: 20_000 }],
  },
  'examination-form': {
    kind: 'examination-form',
    created,
    from: FROM,
    patient: { name: 'Jolene Ríos', bornOn: '1972-05-30', number: 'P-100' },
    examinedOn: '2026-01-15',
    examiner: 'Dr. Okafor',
    reason: 'Blurred distance vision',
    history: 'None of note',
    acuity: [{ what: 'Distance, without correction', od: '20/80', os: '20/100' }],
    pressure: { od: '15', os: '16' },
    prescription: SAMPLE_PRESCRIPTION,
    plan: 'New progressive lenses; return in a year',
  },
}

const LAB: Company = { id: 'co-lab', kind: 'lab', currency: 'USD', ...FROM }
const PRACTICE: Company = {
  id: 'co-practice',
  kind: 'practice',
  currency: 'USD',
  email: 'desk@practice.example',
  ...TO,
}

/** Each mail of the pack. */
export function sampleLetters(): Record<MailKind, Letter> {
  const user = {
    id: 'u-1',
    companyId: PRACTICE.id,
    name: 'Inés Peña',
    email: 'ines@practice.example',
  }
  const baseUrl = 'https://lab.example'
  const { lines } = SAMPLE_DOCUMENTS.invoice
  const order: Order = {
    id: 'ord-1',
    companyId: PRACTICE.id,
    labId: LAB.id,
    number: ORDER.number,
    status: 'pending',
    lines,
    orderedOn: ORDER.orderedOn,
    dueOn: ORDER.dueOn,
    carrier: 'UPS',
    tracking: null,
    limsJob: null,
    createdAt: created,
  }
  const to = { user, baseUrl }
  return {
    'order-confirmation': orderConfirmation({ ...to, order, lab: LAB }),
    shipment: shipment({ ...to, order, lab: LAB, tracking: '1Z 999', carrier: 'UPS' }),
    'purchase-order': purchaseOrder({ number: 'PO-7', from: LAB, supplier: PRACTICE, lines }),
    'marketplace-connection': marketplaceConnection({
      ...to,
      connectionId: 'conn-1',
      from: LAB,
      state: 'requested',
    }),
    notification: generalNotification({
      name: user.name,
      company: LAB,
      subject: 'The laboratory is closed on Monday',
      text: 'Orders of the weekend are begun on Tuesday.',
      baseUrl,
    }),
    'daily-briefing': dailyBriefing({
      ...to,
      company: LAB,
      day: '2026-03-02',
      text: '- Late orders: 9, 200% above the usual 3',
    }),
  }
}
