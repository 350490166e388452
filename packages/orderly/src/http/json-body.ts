// Reads the body of a request: exactly JSON, and none that is too deep or names what code would trip over.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RequestError } from './problem.ts'

/** Nothing of ours nests deeper. */
const DEEPEST = 64
const MEDIA_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

const rawBodies = new WeakMap<FastifyRequest, string>()

/** The body of a request as it came, for what is signed. */
export function rawBodyOf(request: FastifyRequest): string {
  return rawBodies.get(request) ?? ''
}

export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    try {
      rawBodies.set(request, String(text))
      done(null, parseJson(String(text)))
    } catch (error) {
      done(error as Error)
    }
  })
}

/** Whether a request that has a body says that it is JSON, in so many words: other spellings are parsed differently elsewhere. */
export function isAsAgreed({ method, headers }: FastifyRequest): boolean {
  if (!WITH_BODY.has(method)) return true
  const isEmpty =
    headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
  return isEmpty || MEDIA_TYPE.test(headers['content-type'] ?? '')
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // What the parser says of a fault shows the text around it.
    throw new RequestError('ORDERLY_REQUEST_INVALID', 'the body is no JSON')
  }
  check(value)
  return value
}

function check(root: unknown): void {
  const open: [value: unknown, depth: number][] = [[root, 0]]
  for (let at = open.pop(); at; at = open.pop()) {
    const [value, depth] = at
    if (typeof value !== 'object' || value === null) continue
    if (depth > DEEPEST)
      throw new RequestError(
        'ORDERLY_REQUEST_INVALID',
        `the body nests deeper than ${DEEPEST} levels`,
      )
    for (const [name, inner] of Object.entries(value)) {
      if (name === '__proto__' || (name === 'constructor' && isObject(inner)))
        throw new RequestError(
          'ORDERLY_REQUEST_INVALID',
          'the body has a field of a name that no field may have',
        )
      if (isObject(inner)) open.push([inner, depth + 1])
    }
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
