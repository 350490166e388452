import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { payerOf } from './payer-names.ts'

/** Names as hospitals write them, and who they mean; `-` for nobody that is known. */
const REAL = `
Aetna = aetna
AETNA HMO/PPO = aetna
Aetna Banner = aetna
UHC Medicare Advantage = unitedhealthcare
Humana, Inc. = humana
Cigna Health Plan = cigna
Kaiser Permanante = kaiser_permanente
Aetna Better Health = aetna
Aetna Medicare = aetna
Cigna = cigna
Cigna Health = cigna
CIGNA HealthSpring Medicare Advantage = cigna
Humana = humana
Humana Health = humana
Humanna = humana
Humana Military Tricare = tricare
Tri-Care = tricare
UHC = unitedhealthcare
United Healthcare = unitedhealthcare
UNITED HEALTH CARE COMMUNITY PLAN = unitedhealthcare
UMR = umr
United = -
United of Omaha = -
United Mine Workers = umwa_health_retirement_funds
United Concordia Dental = united_concordia
VA = department_of_veterans_affairs
VA CCN Optum = department_of_veterans_affairs
Department of Veterans Affairs = department_of_veterans_affairs
Virginia Premier = -
VA Premier = -
Aetna Better Health of VA = aetna
Blue Cross VA = -
Blue Cross Blue Shield = -
BCBS = -
Blue Shield = -
Anthem = -
Anthem BCBS = -
Anthem Blue Cross = anthem_blue_cross_california
Blue Cross of California = anthem_blue_cross_california
Blue Shield of California = blue_shield_california
Anthem BCBS of Georgia = bcbs_georgia
Anthem Blue Cross and Blue Shield Wisconsin = anthem_bcbs_wisconsin
Anthem BCBS of Texas = -
BCBS of Texas = bcbs_texas
BCBSTX = bcbs_texas
Blue Cross and Blue Shield of TX = bcbs_texas
BCBS of Tennessee = bcbs_tennessee
BCBST = bcbs_tennessee
BCBS IL = bcbs_illinois
BCBSM = bcbs_michigan
BCBS FL = bcbs_florida
Florida Blue = bcbs_florida
Blue Cross Blue Shield of Alabama = bcbs_alabama
Blue Cross of Arizona = bcbs_arizona
BlueCross BlueShield of South Carolina = bcbs_south_carolina
BCBS of West Virginia = -
Horizon BCBSNJ = bcbs_new_jersey
Blue Cross of Idaho = blue_cross_idaho
Regence BlueShield of Idaho = regence_blueshield_idaho
Regence BlueShield = -
Premera Blue Cross = premera_blue_cross
CareFirst BlueCross BlueShield = carefirst
Highmark BCBS = highmark
Wellmark Blue Cross Blue Shield = wellmark
BCBS of Texas and Oklahoma = -
BCBS or Aetna = -
Blue Cross Blue Shield of Kansas City = blue_kc
Priority Health = -
Dean Health = -
Banner Health Network = -
Community Health Choice = -
Medical Mutual = -
Geisinger Health Plan = -
Sharp Health Plan = -
Inland Empire Health Plan = -
Essence Healthcare = -
Tufts Health Plan = -
AmeriHealth = -
Amerigroup = amerigroup
Optimum HealthCare = -
Optima Health = optima_health
Optum = optum
Centra Health = -
HealthPartners = -
Health Partners = -
Superior HealthPlan = -
Sutter Health Plus = -
Sutter Select = sutter_select
Health First = -
First Health = first_health
Multiplan/PHCS = multiplan
PHCS = phcs
Kaiser Foundation Health = kaiser_permanente
Molina Healthcare of Texas = molina
Wellcare = wellcare
Oscar = oscar_health
Centene Ambetter = ambetter
Managed Health Network = managed_health_network
Cigna / Aetna = -
Medicare = -
Medicaid = -
Commercial = -
All Other Payers = -
Self Pay = -
AHCCCS Other = -
FMC Jail = -
`
  .trim()
  .split('\n')
  .map((line) => line.split(' = ') as [string, string])

describe('a payer', () => {
  it.each(REAL)('%s is %s', (name, id) => {
    const payer = payerOf(name)!
    expect(payer.isKnown ? payer.id : '-').toBe(id)
    if (!payer.isKnown) expect(payer.id).toMatch(/^name:[a-z0-9-]+$/)
  })

  it('is the same however its name is cased, spaced and punctuated', () => {
    const names = fc.constantFrom(...REAL.map(([name]) => name))
    const cased = fc.constantFrom<(text: string) => string>(
      (text) => text.toUpperCase(),
      (text) => text.toLowerCase(),
      (text) => ` ${text.replaceAll(' ', '  ')}, `,
    )
    fc.assert(
      fc.property(names, cased, (name, as) => {
        expect(payerOf(as(name))!.id).toBe(payerOf(name)!.id)
      }),
    )
  })

  it('is no known one for words that every second payer has in its name', () => {
    const generic = [
      'health', 'healthcare', 'plan', 'plans', 'network', 'partners', 'alliance', 'managed', 'care', 'senior', 'community',
      'american', 'united', 'medicare', 'medicaid', 'ppo', 'hmo', 'group', 'choice', 'select', 'texas', 'of', 'blue',
    ] // prettier-ignore
    const names = generic.flatMap((one) => [
      one,
      ...generic.flatMap((two) => [
        `${one} ${two}`,
        ...generic.map((three) => `${one} ${two} ${three}`),
      ]),
    ])
    const exact =
      /health partners network|managed health network|united ((medicare|medicaid|ppo|hmo) )?health ?care/
    const known = names.filter((name) => payerOf(name)!.isKnown && !exact.test(name))
    expect(known).toEqual([])
  })

  it('of one state is never that of another', () => {
    const states = ['Texas', 'Tennessee', 'Oklahoma', 'Michigan', 'Minnesota', 'Georgia', 'Alabama', 'Arizona', 'North Carolina', 'South Carolina', 'New Mexico', 'Montana'] // prettier-ignore
    const ids = states.map((state) => payerOf(`BCBS of ${state}`)!.id)
    expect(new Set(ids).size).toBe(states.length)
    for (const [at, state] of states.entries())
      expect(ids[at]).toBe(`bcbs_${state.toLowerCase().replaceAll(' ', '_')}`)
  })
})
