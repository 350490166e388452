// What makes two prices prices of the same thing.
import type { Code, ItemDescription } from './row.ts'

/**
 * Code types from the most to the least telling. An NDC names one package where a HCPCS code names a substance;
 * a DRG names a whole stay.
 */
const TELLING = [
  'MS-DRG', 'APR-DRG', 'MS-LTC-DRG', 'DRG', 'AP-DRG', 'APS-DRG', 'R-DRG', 'S-DRG', 'TRIS-DRG',
  'NDC', 'CPT', 'HCPCS', 'CDT', 'APC', 'EAPG', 'HIPPS', 'CMG', 'ICD',
] as const // prettier-ignore
const RANK = new Map<string, number>(TELLING.map((type, index) => [type, index]))

const NO_CODE: Code = { type: '', code: '' }

/** The code that identifies an item best; codes only a hospital understands (CDM, LOCAL, RC, …) come last. */
export function primaryCode(codes: readonly Code[]): Code {
  let best: Code | undefined
  let bestRank = Infinity
  for (const code of codes) {
    const rank = RANK.get(code.type) ?? TELLING.length
    if (rank < bestRank) [best, bestRank] = [code, rank]
  }
  return best ?? NO_CODE
}

/**
 * The natural key of an item, within its source: primary code, setting, billing class, facility,
 * modifiers and drug unit. Where the code is the hospital's own, two items may share it, so the description counts.
 */
export function naturalKey(item: ItemDescription): string {
  const primary = primaryCode(item.codes)
  const shared = RANK.has(primary.type)
  const drug = item.drug ? `${item.drug.unit}\x1f${item.drug.type}` : ''
  return (
    `${primary.type}\x1e${primary.code}\x1e${item.setting ?? ''}\x1e${item.billingClass ?? ''}\x1e` +
    `${item.facility ?? ''}\x1e${item.modifiers.toSorted().join('\x1f')}\x1e${drug}\x1e` +
    (shared ? '' : item.description.toLowerCase())
  )
}
