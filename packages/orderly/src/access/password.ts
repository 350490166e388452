// Passwords: stored so that guessing stays slow, and checked so that a wrong name takes as long as a wrong password.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { OrderlyError } from '../primitives/errors.ts'

/** log2 of scrypt's N with r = 8: 128 MiB and about 0.4 s each. */
export const DEFAULT_COST = 17
const BLOCK = 8
const KEY_BYTES = 32
/** Each takes 128 MiB: more at once would let strangers use up the memory. */
const MOST_AT_ONCE = 2
const MOST_WAITING = 50
const SHORTEST = 15
const LONGEST = 256

export interface Passwords {
  /** The password as it is stored: `$scrypt$ln=17,r=8,p=1$salt$hash`. */
  hash(password: string): Promise<string>
  /** Whether it is the password. Without a stored one it takes as long, and it is not. */
  matches(password: string, stored: string | null): Promise<boolean>
}

export function openPasswords(cost: number = DEFAULT_COST): Passwords {
  let running = 0
  const line: (() => void)[] = []
  /** Of no password at all. */
  const decoy = stored(cost, randomBytes(16), randomBytes(KEY_BYTES))

  const derive = async (password: string, salt: Buffer, ln: number): Promise<Buffer> => {
    if (running >= MOST_AT_ONCE) {
      if (line.length >= MOST_WAITING)
        throw new OrderlyError('ORDERLY_OVERLOADED', 'too many sign-ins at once; try again later')
      await new Promise<void>((resolve) => line.push(resolve))
    }
    running++
    try {
      return await new Promise((resolve, reject) =>
        scrypt(
          password.normalize('NFKC'),
          salt,
          KEY_BYTES,
          { N: 2 ** ln, r: BLOCK, p: 1, maxmem: 2 ** ln * BLOCK * 256 },
          (error, key) => (error ? reject(error) : resolve(key)),
        ),
      )
    } finally {
      running--
      line.shift()?.()
    }
  }
  const hash = async (password: string): Promise<string> => {
    const salt = randomBytes(16)
    const key = await derive(password, salt, cost)
    return stored(cost, salt, key)
  }
  return {
    hash,
    async matches(password, known) {
      const match = /^\$scrypt\$ln=(\d{1,2}),r=8,p=1\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/.exec(
        known ?? decoy,
      )
      if (!match || password.length > LONGEST) return false
      const key = await derive(password, Buffer.from(match[2]!, 'base64'), Number(match[1]))
      return timingSafeEqual(key, Buffer.from(match[3]!, 'base64')) && known !== null
    },
  }
}

function stored(ln: number, salt: Buffer, key: Buffer): string {
  return `$scrypt$ln=${ln},r=${BLOCK},p=1$${salt.toString('base64')}$${key.toString('base64')}`
}

/** Beginnings of what is guessed first; what is this long and begins so is no better. */
const GUESSED =
  /^(password|passw0rd|qwerty|letmein|welcome|administrator|iloveyou|changeme|1234567|abcdefg|orderly|hospital|medicine)/i

/**
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for a password that is too short or guessed first. Length is what counts:
 *   no kinds of characters are asked for.
 */
export function checkPassword(password: string, login: string): void {
  const text = password.normalize('NFKC')
  const kinds = new Set(text.toLowerCase()).size
  const why =
    Array.from(text).length < SHORTEST
      ? `has at least ${SHORTEST} characters; a few words make a good one`
      : text.length > LONGEST
        ? `has at most ${LONGEST} characters`
        : kinds < 6
          ? 'has at least six different characters'
          : GUESSED.test(text)
            ? 'does not begin with a word that is guessed first'
            : login.length >= 3 && text.toLowerCase().includes(login.toLowerCase())
              ? 'does not contain the name it belongs to'
              : undefined
  if (why) throw new OrderlyError('ORDERLY_INPUT_INVALID', `a password ${why}`)
}
