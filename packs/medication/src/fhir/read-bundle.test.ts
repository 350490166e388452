import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBundle } from './read-bundle.ts'

const patient = {
  resourceType: 'Patient',
  id: 'p1',
  name: [{ given: ['Jane'], family: 'Roe' }],
  birthDate: '1961-04-05',
}
const base = { id: 'r1', status: 'active', subject: { reference: 'Patient/p1' } }
const drug = { medicationCodeableConcept: { text: 'Warfarin 5 MG Oral Tablet' } }
const bundle = (...resources: object[]) => ({
  resourceType: 'Bundle',
  entry: [patient, ...resources].map((resource) => ({ resource })),
})
const codes = (value: unknown): string[] => readBundle(value).issues.map(({ code }) => code)

/** What becomes of an order whose timing, dosage or resource is changed. */
const readOrder = (repeat: object, ofDosage: object = {}, ofOrder: object = {}) => {
  const found = readBundle(
    bundle({
      resourceType: 'MedicationRequest',
      ...base,
      ...drug,
      intent: 'order',
      dosageInstruction: [
        {
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', ...repeat } },
          doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }],
          ...ofDosage,
        },
      ],
      ...ofOrder,
    }),
  )
  const [order] = found.orders
  return {
    status: order!.status,
    refused: order!.dosages[0]!.refused === true,
    timed: order!.dosages[0]!.timing !== undefined,
    asNeeded: order!.dosages[0]!.asNeeded,
    codes: found.issues.filter(({ severity }) => severity === 'error').map(({ code }) => code),
  }
}

describe('what changes or limits an order', () => {
  const followed = { status: 'active', refused: false, timed: true, codes: [] }
  const refused = (code: string) => ({
    refused: true,
    timed: false,
    asNeeded: false,
    codes: [code],
  })

  it.each([
    [{ boundsDuration: { value: 7, code: 'd' } }, true],
    [{ boundsDuration: { value: 7, code: 'd', system: 'http://unitsofmeasure.org' } }, true],
    [{ boundsDuration: { value: 7, unit: 'days' } }, false],
    [{ boundsDuration: { value: 7, unit: 'd' } }, false],
    [{ boundsDuration: { value: 7, code: '{dose}' } }, false],
    [{ boundsDuration: { value: 7, code: 'd', system: 'http://snomed.info/sct' } }, false],
    [{ boundsDuration: { value: '7', code: 'd' } }, false],
    [{ boundsRange: { high: { value: 7, code: 'd' } } }, true],
    [{ boundsRange: { low: { value: 7, code: 'd' } } }, false],
    [{ boundsPeriod: { start: '2026-01-01' } }, true],
    [{ boundsPeriod: { start: '2026-01-01', end: '08/01/2026' } }, false],
    [{ boundsPeriod: { start: '2026-01-01', end: 20260801 } }, false],
    [{ boundsPeriod: '2026' }, false],
    [{ boundsPeriod: { end: '2026-08-01', modifierExtension: [{ url: 'u' }] } }, false],
  ])('is read or refused, never passed over: %j', (bounds, isFollowed) => {
    expect(readOrder(bounds)).toMatchObject(isFollowed ? followed : refused('bounds-unreadable'))
  })

  it('is refused where an extension changes its meaning, at whatever level', () => {
    const changed = { modifierExtension: [{ url: 'http://x', valueBoolean: true }] }
    const daily = { frequency: 1, period: 1, periodUnit: 'd' }
    const unknown = refused('modifier-not-read')
    expect(readOrder({}, changed)).toMatchObject(unknown)
    expect(readOrder(changed)).toMatchObject(unknown)
    expect(readOrder({}, { timing: { repeat: daily, ...changed } })).toMatchObject(unknown)
    expect(readOrder({}, { asNeededBoolean: true, ...changed })).toMatchObject(unknown)
    expect(readOrder({}, { modifierExtension: [] })).toMatchObject(followed)
    const whole = { status: 'unknown', codes: ['modifier-not-read'] }
    expect(readOrder({}, {}, changed)).toMatchObject(whole)
    expect(readOrder({}, {}, { implicitRules: 'http://x' })).toMatchObject(whole)
    const ofPatient = { ...patient, ...changed }
    const request = { resourceType: 'MedicationRequest', ...base, ...drug, intent: 'order' }
    const found = readBundle({
      resourceType: 'Bundle',
      entry: [ofPatient, request].map((resource) => ({ resource })),
    })
    expect(found).toMatchObject({ patients: [], orders: [] })
    expect(found.issues.map(({ code }) => code)).toContain('modifier-not-read')
  })

  it('says not to give it: it is no active order', () => {
    const never = readOrder({}, {}, { doNotPerform: true })
    expect(never).toMatchObject({ status: 'cancelled', codes: ['do-not-perform'] })
    expect(readOrder({}, {}, { doNotPerform: false })).toMatchObject(followed)
    expect(readOrder({}, {}, { doNotPerform: 'yes' })).toMatchObject({ status: 'cancelled' })
  })

  it('ends a statement at a time that cannot be read: it is not followed for ever', () => {
    const statement = {
      resourceType: 'MedicationStatement',
      ...base,
      ...drug,
      effectivePeriod: { start: '2026-01-01', end: 'soon' },
    }
    expect(readBundle(bundle(statement)).orders).toMatchObject([{ status: 'unknown' }])
  })
})

describe('a statement about an order', () => {
  const timing = { repeat: { frequency: 1, period: 1, periodUnit: 'd' } }
  const read = (request: object, statement: object) =>
    readBundle(
      bundle(
        {
          resourceType: 'MedicationRequest',
          ...base,
          ...drug,
          intent: 'order',
          dosageInstruction: [{ timing }],
          ...request,
        },
        {
          resourceType: 'MedicationStatement',
          ...base,
          ...drug,
          id: 's1',
          dosage: [{ timing }],
          ...statement,
        },
      ),
    )
  const of = (id: string) => [{ reference: `MedicationRequest/${id}` }]

  it('is not followed beside it: each dose is due once', () => {
    for (const name of ['basedOn', 'derivedFrom']) {
      const { issues, orders } = read({}, { [name]: of('r1') })
      expect(orders.map(({ status }) => status)).toEqual(['active', 'draft'])
      expect(issues).toContainEqual(
        expect.objectContaining({ code: 'said-by-order', at: 'entry[2].MedicationStatement' }),
      )
    }
  })

  it('is followed where the order is not, or has no times', () => {
    for (const [request, statement] of [
      [{}, {}],
      [{}, { basedOn: of('r2') }],
      [{ status: 'stopped' }, { basedOn: of('r1') }],
      [{ intent: 'plan' }, { basedOn: of('r1') }],
      [{ dosageInstruction: [{ text: 'as told' }] }, { basedOn: of('r1') }],
    ] as const)
      expect(read(request, statement).orders[1]).toMatchObject({ id: 's1', status: 'active' })
  })
})

describe('reading a bundle', () => {
  it('reads what was ordered, stated and handed over', () => {
    const found = readBundle(
      bundle(
        {
          resourceType: 'MedicationRequest',
          ...base,
          intent: 'order',
          authoredOn: '2026-01-01',
          medicationReference: { reference: '#m' },
          contained: [
            {
              resourceType: 'Medication',
              id: 'm',
              code: {
                coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '855332' }],
                text: 'Warfarin 5 MG',
              },
            },
          ],
          dosageInstruction: [
            {
              timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
              doseAndRate: [{ doseQuantity: { value: 1, unit: 'TAB' } }],
            },
          ],
          dispenseRequest: {
            numberOfRepeatsAllowed: 3,
            quantity: { value: 30, unit: 'TAB' },
            validityPeriod: { end: '2026-12-31' },
          },
        },
        {
          resourceType: 'MedicationDispense',
          ...base,
          ...drug,
          id: 'd1',
          status: 'completed',
          whenHandedOver: '2026-01-02T10:00:00Z',
          quantity: { value: 30, unit: 'TAB' },
          daysSupply: { value: 30, unit: 'd' },
          authorizingPrescription: [{ reference: 'MedicationRequest/r1' }],
        },
        {
          resourceType: 'MedicationStatement',
          ...base,
          ...drug,
          id: 's1',
          status: 'stopped',
          effectivePeriod: { start: '2025-01', end: '2025-06-30' },
        },
      ),
    )
    expect(found.patients).toMatchObject([
      { id: 'p1', name: 'Jane Roe', birthDate: '1961-04-05', active: true },
    ])
    expect(found.orders).toMatchObject([
      {
        id: 'r1',
        source: 'request',
        status: 'active',
        drug: { rxcuis: ['855332'] },
        dispense: { repeats: 3, quantity: { value: 30 }, validUntil: '2026-12-31' },
      },
      { id: 's1', source: 'statement', status: 'stopped', stoppedOn: '2025-06-30' },
    ])
    expect(found.fills).toMatchObject([
      { id: 'd1', order: 'r1', days: 30, quantity: { value: 30, unit: 'TAB' } },
    ])
  })

  it.each([
    ['what is no bundle', { resourceType: 'Patient' }, 'not-a-bundle'],
    [
      'an order of a patient who is not there',
      bundle({
        resourceType: 'MedicationRequest',
        ...base,
        ...drug,
        intent: 'order',
        subject: { reference: 'Patient/p2' },
      }),
      'patient-unknown',
    ],
    [
      'an order without a medicine',
      bundle({ resourceType: 'MedicationRequest', ...base, intent: 'order' }),
      'medication-missing',
    ],
    [
      'a status that is none',
      bundle({
        resourceType: 'MedicationRequest',
        ...base,
        ...drug,
        intent: 'order',
        status: 'on',
      }),
      'status-unknown',
    ],
    [
      'a proposal',
      bundle({ resourceType: 'MedicationRequest', ...base, ...drug, intent: 'proposal' }),
      'not-an-order',
    ],
    [
      'a dosage in words',
      bundle({
        resourceType: 'MedicationRequest',
        ...base,
        ...drug,
        intent: 'order',
        dosageInstruction: [{ text: 'as told' }],
      }),
      'timing-text-only',
    ],
    [
      'a dose of nothing',
      bundle({
        resourceType: 'MedicationRequest',
        ...base,
        ...drug,
        intent: 'order',
        dosageInstruction: [
          { timing: { code: { text: 'BID' } }, doseAndRate: [{ doseQuantity: { value: 0 } }] },
        ],
      }),
      'dose-unreadable',
    ],
    [
      'a dispense that was not made',
      bundle({ resourceType: 'MedicationDispense', ...base, ...drug, status: 'preparation' }),
      'not-dispensed',
    ],
    ['an entry that is no resource', { resourceType: 'Bundle', entry: [7] }, 'resource-unreadable'],
  ])('lists %s', (_, value, code) => {
    expect(codes(value)).toContain(code)
  })

  it('says where, and never what', () => {
    const { issues } = readBundle(
      bundle({
        resourceType: 'MedicationRequest',
        ...base,
        ...drug,
        intent: 'order',
        authoredOn: 'Jane Roe',
      }),
    )
    expect(issues.map(({ at }) => at)).toContain('entry[1].MedicationRequest.authoredOn')
    expect(JSON.stringify(issues)).not.toContain('Roe')
  })

  it('never throws, whatever it is given', () => {
    const resource = fc.record(
      {
        resourceType: fc.constantFrom(
          'Patient',
          'MedicationRequest',
          'MedicationStatement',
          'MedicationDispense',
        ),
        id: fc.oneof(fc.constant('p1'), fc.anything()),
        status: fc.oneof(fc.constant('active'), fc.anything()),
        intent: fc.constant('order'),
        subject: fc.oneof(fc.constant({ reference: 'Patient/p1' }), fc.anything()),
        medicationCodeableConcept: fc.oneof(fc.constant({ text: 'Warfarin' }), fc.anything()),
        dosageInstruction: fc.oneof(
          fc.anything(),
          fc.array(
            fc.record({
              timing: fc.oneof(
                fc.anything(),
                fc.record({
                  repeat: fc.dictionary(
                    fc.constantFrom(
                      'period',
                      'periodUnit',
                      'frequency',
                      'when',
                      'timeOfDay',
                      'count',
                    ),
                    fc.anything(),
                  ),
                }),
              ),
              asNeededBoolean: fc.anything(),
              doseAndRate: fc.anything(),
            }),
          ),
        ),
        dispenseRequest: fc.anything(),
        whenHandedOver: fc.anything(),
        quantity: fc.anything(),
      },
      { requiredKeys: ['resourceType'] },
    )
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 5 }), (resources) => {
        expect(Array.isArray(readBundle(bundle(...resources)).issues)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
