// Random secrets that are handed out once and kept as a hash: tokens of sessions, invitations, API keys.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits as text for a URL or a cookie. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a token. They are random, so a fast hash is enough (ASVS 6.5.2). */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** Whether two texts are equal, in a time that tells nothing of where they differ. */
export function isSame(a: string, b: string): boolean {
  const [left, right] = [createHash('sha256').update(a), createHash('sha256').update(b)]
  return timingSafeEqual(left.digest(), right.digest())
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** `length` random characters of letters and digits, each as likely. */
export function newSecret(length: number): string {
  let text = ''
  while (text.length < length)
    for (const byte of randomBytes(2 * length))
      if (byte < 248 && text.length < length) text += BASE62[byte % 62]
  return text
}
