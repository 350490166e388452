// The numbers providers are known by: NPI and CMS certification number, and how they are checked.

/** What stands before a US health-industry number when its check digit is worked out (45 CFR 162.406). */
const NPI_PREFIX = '80840'

/** Ten digits, the last of which checks the others (Luhn, ISO/IEC 7812-1). */
export function isNpi(text: string): boolean {
  if (!/^[12]\d{9}$/.test(text)) return false
  let sum = 0
  const digits = NPI_PREFIX + text
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    const counted = at % 2 === 0 ? digit : digit * 2
    sum += counted > 9 ? counted - 9 : counted
  }
  return sum % 10 === 0
}

/** State codes of the first two places (State Operations Manual 2779A1): 50 states, DC and territories, and their second ranges. */
const CCN_STATE: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'AL 01 AK 02 AZ 03 AR 04 CA 05 CO 06 CT 07 DE 08 DC 09 FL 10 GA 11 HI 12 ID 13 IL 14 IN 15 IA 16 KS 17 KY 18 ' +
    'LA 19 ME 20 MD 21 MA 22 MI 23 MN 24 MS 25 MO 26 MT 27 NE 28 NV 29 NH 30 NJ 31 NM 32 NY 33 NC 34 ND 35 OH 36 ' +
    'OK 37 OR 38 PA 39 PR 40 RI 41 SC 42 SD 43 TN 44 TX 45 UT 46 VT 47 VI 48 VA 49 WA 50 WV 51 WI 52 WY 53 ' +
    'CA 55 AS 64 GU 65 MP 66 TX 67 FL 68 FL 69 TX 74'
  )
    .match(/[A-Z]{2} \d{2}/g)!
    .map((pair) => [pair.slice(3), pair.slice(0, 2)]),
)

/** Six characters: two digits for the state, then four of which the first may be a letter (a unit of a hospital). */
export function isCcn(text: string): boolean {
  return /^\d{2}[\dA-Za-z]\d{3}$/.test(text)
}

/** The state a certification number was given in; undefined for numbers of ranges not known here. */
export function stateOfCcn(ccn: string): string | undefined {
  return CCN_STATE[ccn.slice(0, 2)]
}
