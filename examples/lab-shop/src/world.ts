// A laboratory and a practice that orders from it: all made up.
import type { Desk, NewOrder, Prescription } from '@orderly/lab'

export const LAB = 'lakeside'
export const PRACTICE = 'birch'
export const USER = 'ines'

const eye = {
  sphere: -2,
  cylinder: -0.5,
  axis: 180,
  add: null,
  prism: [],
  pd: 32,
  segmentHeight: null,
  opticalCentreHeight: null,
}

export const PRESCRIPTION: Prescription = {
  od: eye,
  os: { ...eye, sphere: -2.25 },
  lensType: 'single-vision',
  index: 1.6,
  pd: 64,
  nearPd: null,
  vertex: null,
  tilt: null,
  wrap: null,
  frame: { a: 52, b: 34, dbl: 18, ed: 54 },
  blank: null,
  issuedOn: null,
  expiresOn: null,
  bornOn: null,
}

export const NEW_ORDER: NewOrder = {
  companyId: PRACTICE,
  labId: LAB,
  lines: [
    {
      description: 'Single vision lens',
      quantity: 2,
      unitCents: 4_500,
      taxRate: 825,
      sku: 'SV-160',
    },
  ],
  details: {
    patientId: 'p-1',
    patient: 'J. R.',
    prescription: PRESCRIPTION,
    material: 'polyurethane',
    coating: 'anti-reflective',
    tint: 'none',
    frame: 'Northwind 52-18',
    notes: '',
  },
}

export async function settle(desk: Desk): Promise<void> {
  const company = { address: ['1 Harbor Road', 'Duluth, MN'], currency: 'USD' }
  await desk.saveCompany({
    ...company,
    id: LAB,
    kind: 'lab',
    name: 'Lakeside Lab',
    email: 'desk@lab.example',
  })
  await desk.saveCompany({
    ...company,
    id: PRACTICE,
    kind: 'practice',
    name: 'Birch Eye Care',
    email: 'desk@birch.example',
  })
  await desk.saveUser({ id: USER, companyId: PRACTICE, name: 'Inés', email: 'ines@birch.example' })
  await desk.saveConnection({ id: 'c-1', requesterId: PRACTICE, targetId: LAB, state: 'accepted' })
}
