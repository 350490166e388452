// One-time codes of an authenticator (RFC 6238).
import { Secret, TOTP } from 'otpauth'

const PERIOD_S = 30

export interface Enrolment {
  /** Base32, for typing. */
  readonly secret: string
  /** For a QR code. */
  readonly uri: string
}

export function newTotp(login: string): Enrolment {
  const secret = new Secret({ size: 20 })
  return { secret: secret.base32, uri: totpOf(secret.base32, login).toString() }
}

/**
 * The counter of the period that a code is for: this one, the one before or the next.
 *
 * @param used the counter of the last code that was taken; none at or below it is taken again
 */
export function counterOfCode(
  secret: string,
  code: string,
  now: number,
  used: number,
): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined
  const delta = totpOf(secret, '').validate({ token: code, timestamp: now, window: 1 })
  if (delta === null) return undefined
  const counter = Math.floor(now / 1_000 / PERIOD_S) + delta
  return counter > used ? counter : undefined
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({
    issuer: 'Orderly',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_S,
    secret: Secret.fromBase32(secret),
  })
}
