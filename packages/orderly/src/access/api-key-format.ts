// What an API key looks like: `ord_<id>_<secret>_<check>`, so that scanners find leaked ones and typing errors show.
import { createHash } from 'node:crypto'
import { newSecret } from './secrets.ts'

const SECRET_LENGTH = 32

export interface ApiKeyParts {
  readonly id: string
  readonly secret: string
}

/** A new key. It is shown once: only a hash of its secret is kept. */
export function newApiKey(): ApiKeyParts & { readonly text: string } {
  const id = newSecret(8)
  const secret = newSecret(SECRET_LENGTH)
  return { id, secret, text: `ord_${id}_${secret}_${checkOf(id, secret)}` }
}

const KEY = /^ord_([0-9A-Za-z]{8})_([0-9A-Za-z]{32})_([0-9a-f]{6})$/

/** The parts of a key, or undefined when it is none: nothing is looked up for what cannot be one. */
export function readApiKey(text: string): ApiKeyParts | undefined {
  const match = KEY.exec(text)
  if (!match || match[3] !== checkOf(match[1]!, match[2]!)) return undefined
  return { id: match[1]!, secret: match[2]! }
}

function checkOf(id: string, secret: string): string {
  return createHash('sha256').update(`${id}_${secret}`).digest('hex').slice(0, 6)
}
