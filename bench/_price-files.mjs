// Writes large hospital price files in the CMS layouts, the same bytes for the same size every time.
import { createWriteStream, readFileSync } from 'node:fs'
import { once } from 'node:events'

const PAYERS = [
  'Aetna', 'Anthem Blue Cross', 'Cigna', 'UnitedHealthcare', 'Humana', 'Kaiser Permanente', 'Molina Healthcare',
  'Centene', 'Health Net', 'Medicare Advantage Alliance', 'Oscar', 'Bright Health', 'Tricare West', 'First Health',
] // prettier-ignore
const PLANS = ['Commercial PPO', 'HMO Select']
const WORDS = [
  'INJECTION', 'TABLET', 'CATHETER', 'IMPLANT', 'SCREW', 'CT ABDOMEN', 'MRI BRAIN', 'WITH CONTRAST', 'WITHOUT',
  'LEFT', 'RIGHT', 'BILATERAL', 'HC', 'ROOM AND BOARD', 'LAB PANEL', 'COMPREHENSIVE', 'SURGICAL TRAY, STERILE',
] // prettier-ignore
/** The text the layout asks for, as CMS's own example has it. */
const STATEMENT = /"(To the best of its knowledge[^"]+)"/.exec(
  readFileSync(
    new URL('../packs/prices/fixtures/cms/V3.0.0_Tall_CSV_Format_Example.csv', import.meta.url),
    'utf8',
  ),
)[1]
const CHUNK = 1024 * 1024

/** A small, fast source of the same "random" numbers on every machine (mulberry32). */
function numbers(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function* items() {
  const next = numbers(7)
  const pick = (list) => list[Math.floor(next() * list.length)]
  for (let number = 1; ; number++) {
    const gross = 10 + next() * 20_000
    const dollars = (share) => (gross * share).toFixed(2)
    const payers = PAYERS.flatMap((payer) =>
      PLANS.map((plan) => ({ payer, plan, dollars: dollars(0.2 + next() * 0.5) })),
    )
    yield {
      description: `${pick(WORDS)} ${pick(WORDS)} ${pick(WORDS)} ${number}`,
      ...codeOf(number),
      cdm: `CDM${String(number).padStart(8, '0')}`,
      setting: next() < 0.5 ? 'outpatient' : 'inpatient',
      gross: dollars(1),
      cash: dollars(0.6),
      min: payers
        .map(({ dollars: each }) => Number(each))
        .reduce((a, b) => Math.min(a, b))
        .toFixed(2),
      max: payers
        .map(({ dollars: each }) => Number(each))
        .reduce((a, b) => Math.max(a, b))
        .toFixed(2),
      payers,
    }
  }
}

/** 350,000 different codes in the form of CPT and HCPCS, more than the items of a gigabyte. */
function codeOf(number) {
  if (number < 90_000) return { code: String(10_000 + number), type: 'CPT' }
  const rest = (number - 90_000) % 260_000
  return {
    code:
      String.fromCharCode(65 + Math.floor(rest / 10_000)) + String(rest % 10_000).padStart(4, '0'),
    type: 'HCPCS',
  }
}

const quote = (text) => (text.includes(',') ? `"${text}"` : text)

/** What a generated file must lead to, counted while it is written. */
async function writeFile(path, bytes, head, texts, foot) {
  const out = createWriteStream(path)
  let written = 0
  let rows = 0
  let buffer = head
  for (const { text, rowCount } of texts) {
    buffer += text
    rows += rowCount
    if (buffer.length < CHUNK) continue
    written += Buffer.byteLength(buffer)
    if (!out.write(buffer)) await once(out, 'drain')
    buffer = ''
    if (written >= bytes) break
  }
  out.end(buffer + foot)
  await once(out, 'close')
  return { path, rows }
}

/** A CMS v3.0.0 tall CSV of about `bytes` bytes. */
export function writeTallCsv(path, bytes) {
  function* texts() {
    for (const item of items()) {
      const front = `${quote(item.description)},${item.code},${item.type},${item.cdm},CDM,,${item.setting},,,${item.gross},${item.cash}`
      const back = `,,,fee schedule,,,,,${item.min},${item.max},,`
      const text = item.payers.map(
        ({ payer, plan, dollars }) => `${front},${payer},${plan},${dollars}${back}\r\n`,
      )
      yield { text: text.join(''), rowCount: text.length }
    }
  }
  const head =
    `hospital_name,last_updated_on,version,location_name,hospital_address,license_number|CA,type_2_npi,"${STATEMENT}",attester_name\r\n` +
    'Bench General Hospital,2026-03-01,3.0.0,Bench General Hospital,"1 Main Street, Springfield, CA 90001",000001,1234567893,true,Pat Example\r\n' +
    'description,code|1,code|1|type,code|2,code|2|type,modifiers,setting,drug_unit_of_measurement,drug_type_of_measurement,' +
    'standard_charge|gross,standard_charge|discounted_cash,payer_name,plan_name,standard_charge|negotiated_dollar,' +
    'standard_charge|negotiated_percentage,standard_charge|negotiated_algorithm,standard_charge|methodology,median_amount,' +
    '10th_percentile,90th_percentile,count,standard_charge|min,standard_charge|max,additional_generic_notes,billing_class\r\n'
  return writeFile(path, bytes, head, texts(), '')
}

/** A CMS v3.0.0 JSON file of about `bytes` bytes. */
export function writeJson(path, bytes) {
  function* texts() {
    let comma = ''
    for (const item of items()) {
      const charge = {
        setting: item.setting,
        gross_charge: Number(item.gross),
        discounted_cash: Number(item.cash),
        minimum: Number(item.min),
        maximum: Number(item.max),
        payers_information: item.payers.map(({ payer, plan, dollars }) => ({
          payer_name: payer,
          plan_name: plan,
          standard_charge_dollar: Number(dollars),
          methodology: 'fee schedule',
        })),
      }
      const text = JSON.stringify({
        description: item.description,
        code_information: [
          { code: item.code, type: item.type },
          { code: item.cdm, type: 'CDM' },
        ],
        standard_charges: [charge],
      })
      yield { text: `${comma}${text}`, rowCount: 1 }
      comma = ',\n'
    }
  }
  const head = JSON.stringify({
    hospital_name: 'Bench General Hospital',
    last_updated_on: '2026-03-01',
    version: '3.0.0',
    location_name: ['Bench General Hospital'],
    hospital_address: ['1 Main Street, Springfield, CA 90001'],
    license_information: { license_number: '000001', state: 'CA' },
    type_2_npi: ['1234567893'],
    attestation: {
      attestation: STATEMENT,
      confirm_attestation: true,
      attester_name: 'Pat Example',
    },
  })
  return writeFile(
    path,
    bytes,
    `${head.slice(0, -1)},"standard_charge_information":[\n`,
    texts(),
    ']}\n',
  )
}
