// Owns header cells: how their spelling is evened out and what each is taken to mean.
import { codeType, CPT_OR_HCPCS } from './codes.ts'

/** CMS headers: case and the spaces around `|` carry no meaning. */
export function cmsHeader(cell: string): string {
  return cell
    .toLowerCase()
    .replace(/\s*\|\s*/g, '|')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Free headers: case, line breaks and most punctuation carry no meaning. */
export function plainHeader(cell: string): string {
  return cell
    .toLowerCase()
    .replace(/[_\s\u00a0]+/g, ' ')
    .replace(/[*:"“”]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

export type Role =
  | { readonly is: 'description' | 'code-type' | 'modifiers' | 'setting' | 'facility' }
  | { readonly is: 'payer' | 'plan' | 'quantity' | 'unit' | 'billing-class' | 'notes' }
  | { readonly is: 'methodology' | 'price' | 'ignored' }
  | { readonly is: 'code'; readonly type: string }

const IGNORED: Role = { is: 'ignored' }

const EXACT: ReadonlyMap<string, Role> = new Map([
  ...roles(
    'description',
    'item',
    'procedure',
    'service',
    'name',
    'medication',
    'drug',
    'long name',
  ),
  ...roles('description', 'charge item', 'test name', 'supply', 'service line item', 'descrip'),
  ...roles('facility', 'facility', 'hospital', 'entity', 'location', 'campus', 'service area'),
  ...roles('facility', 'site', 'hospital name', 'facility name', 'location name'),
  ...roles(
    'payer',
    'payer',
    'payor',
    'insurance',
    'insurer',
    'carrier',
    'payer name',
    'payor name',
  ),
  ...roles('plan', 'plan', 'plan name', 'health plan', 'product name and plan'),
  ...roles(
    'setting',
    'setting',
    'patient type',
    'patient class',
    'patient setting',
    'ip/op',
    'inpatient/outpatient',
  ),
  ...roles('quantity', 'quantity', 'qty', 'erx charge quantity', 'charge quantity', 'package size'),
  ...roles('unit', 'unit', 'units', 'uom', 'unit of measure'),
  ...roles('modifiers', 'modifier', 'modifiers', 'mod', 'mods', 'cpt modifier', 'hcpcs modifier'),
  ...roles('billing-class', 'billing class'),
  ...roles('methodology', 'methodology', 'contracting method', 'contract method'),
  ...roles('notes', 'note', 'notes', 'comment', 'comments', 'remarks', 'additional notes'),
  ...roles('code-type', 'code type', 'type of code', 'procedure code type', 'billing code type'),
])

function roles(is: Exclude<Role['is'], 'code'>, ...names: string[]): [string, Role][] {
  return names.map((name) => [name, { is }])
}

const PRICE_WORD =
  /\b(price|prices|charge|charges|amount|amt|rate|rates|fee|fees|cost|gross|cash|self[- ]?pay|negotiated)\b|\$/
const NOT_A_PRICE =
  /\b(code|codes|cd|desc|descr|description|descrip|name|type|qty|quantity|number|no|num|id|date|tab|category|master|class|dept|department|method|methodology|percent|status|count|cases|agb|volume)\b|%|#/

/** What a header of a hospital's own making means; null when it says nothing we know. */
export function roleOf(cell: string): Role | null {
  const header = plainHeader(cell)
  if (header === '' || header.length > 120) return null
  // The price under a second bill code would double the item.
  if (header.startsWith('override ')) return IGNORED
  const exact = EXACT.get(header)
  if (exact !== undefined) return exact
  if (/\b(desc|descr|descrip|description|descriptions)\b/.test(header))
    return /\b(dep|dept|department|category|rev|revenue|facility|status|payer)\b/.test(header)
      ? IGNORED
      : { is: 'description' }
  const code = codeRole(header)
  if (code !== null) return code
  if (
    /^(procedure|proc|px|charge|service|item|product|drug|drug generic|generic|medication|test|supply|billing|cdm|brand|label) name$/.test(
      header,
    )
  )
    return { is: 'description' }
  if (/\b(total|sum of) charges\b/.test(header) && /\b(cases|all)\b/.test(header)) return IGNORED
  if (header.length <= 80 && PRICE_WORD.test(header) && !NOT_A_PRICE.test(header))
    return { is: 'price' }
  return NOT_A_PRICE.test(header) ? IGNORED : null
}

function codeRole(header: string): Role | null {
  const code = (type: string): Role => ({ is: 'code', type })
  if (/\bndc\b|\bnational drug code\b/.test(header)) return code('NDC')
  const priced = PRICE_WORD.test(header) && !/\b(code|number|no|cd)\b/.test(header)
  if (!priced) {
    const drg = /\b(ms|apr|ap|aps|r|s|tris|ms-ltc|medicare)?[\s-]?drg\b/.exec(header)
    if (drg !== null)
      return code(drg[1] === 'medicare' ? 'MS-DRG' : codeType(drg[0].trim().replace(' ', '-')))
    if (/\b(msdrg|aprdrg)\b/.test(header))
      return code(header.includes('apr') ? 'APR-DRG' : 'MS-DRG')
    const named = /\b(eapg|apc|hipps|cdt)\b/.exec(header)
    if (named !== null) return code((named[1] ?? '').toUpperCase())
    if (/\b(cpt|hcpcs?)\b/.test(header)) return code(CPT_OR_HCPCS)
    if (/\bicd\b/.test(header)) return code('ICD')
  }
  if (/\brev(enue)?\b\.? ?(code|cd|#|no)?$|\bub-?04\b/.test(header)) return code('RC')
  if (/^(code|cdm|charge|mnemonic|sim|charge#)$/.test(header) && header !== 'charge')
    return code('CDM')
  if (
    /\b(charge|px|proc|procedure|service|item|billing|bill|drug|product|cdm|chargemaster|hospital|system|erx|med|medication|supply|line|eap|standard)\b.*(\b(code|cd|number|no|num|id|mnemonic)\b|#)/.test(
      header,
    )
  )
    return code('CDM')
  return null
}
