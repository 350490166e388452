// Hospitals from a service that speaks as the Patient Rights Advocate's directory does. Nothing asks it unless it is given.
import { ExternalError } from 'orderly'
import { PriceFileError } from '../read/error.ts'
import { nameIn } from './cms-hpt.ts'
import {
  numberOf,
  textOf,
  type DirectoryScan,
  type HospitalDirectory,
  type ListedFile,
  type ListedHospital,
} from './directory.ts'

export interface PraOptions {
  /** The service, with whose owner you have agreed that you may ask it: `https://directory.example`. */
  readonly origin: string
  /** Pause between states. 2 s unless told. */
  readonly pauseMs?: number
  /** Requests in each span: 100 in 180 s unless told. */
  readonly rate?: { readonly requests: number; readonly perMs: number }
}

const MOST_BYTES = 64 * 1024 * 1024
/** A session holds for half an hour; it is renewed well before. */
const SESSION_MS = 25 * 60_000

const STATES =
  'AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR GU VI AS MP'.split(
    ' ',
  )

export function praDirectory(options: PraOptions): HospitalDirectory {
  const origin = options.origin.replace(/\/+$/, '')
  const rate = options.rate ?? { requests: 100, perMs: 180_000 }
  return {
    name: 'pra',
    async *scan(scan) {
      const { clock, signal } = scan
      const asked: number[] = []
      let session: { id: string; since: number } | undefined
      const turn = async (): Promise<void> => {
        const now = clock.elapsed()
        while (asked.length > 0 && now - asked[0]! >= rate.perMs) asked.shift()
        if (asked.length >= rate.requests) await clock.sleep(rate.perMs - (now - asked[0]!), signal)
        signal.throwIfAborted()
        asked.push(clock.elapsed())
      }
      const states = scan.states ?? STATES
      for (const [index, state] of states.entries()) {
        if (index > 0) await clock.sleep(options.pauseMs ?? 2_000, signal)
        signal.throwIfAborted()
        try {
          if (!session || clock.elapsed() - session.since > SESSION_MS) {
            await turn()
            session = { id: await openSession(origin, scan), since: clock.elapsed() }
          }
          await turn()
          const facilities = await search(origin, session.id, state, scan)
          let nameless = 0
          for (const facility of facilities) {
            const hospital = hospitalOf(facility)
            if (hospital) yield { hospital }
            else nameless++
          }
          if (nameless > 0) yield { problem: `${state}: ${nameless} facilities have no name` }
          yield { state }
        } catch (error) {
          signal.throwIfAborted()
          // One state that fails does not cost the others.
          session = undefined
          yield { problem: `${state}: ${error instanceof Error ? error.message : 'no answer'}` }
        }
      }
    },
  }
}

async function openSession(origin: string, { web, clock, signal }: DirectoryScan): Promise<string> {
  const answer = await web.text(`${origin}/user/session`, 64 * 1024, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: String(clock.now()), password: '' }),
    signal,
  })
  checkStatus(answer.status)
  const inBody = textOf((parse(answer.text) as { sessionid?: unknown } | null)?.sessionid)
  const id = inBody ?? answer.headers['sessionid']
  if (!id) throw new ExternalError('the directory opened no session')
  return id
}

async function search(
  origin: string,
  sessionid: string,
  state: string,
  { web, signal }: DirectoryScan,
): Promise<readonly Record<string, unknown>[]> {
  const answer = await web.text(
    `${origin}/facility/search?search=&searchstate=${state}`,
    MOST_BYTES,
    { headers: { sessionid }, signal },
  )
  checkStatus(answer.status)
  const found = parse(answer.text)
  // None is an empty object there, not an empty list.
  return Array.isArray(found) ? (found as Record<string, unknown>[]) : []
}

function checkStatus(status: number): void {
  if (status === 429 || status >= 500) throw new ExternalError(`the directory answered ${status}`)
  if (status !== 200)
    throw new PriceFileError('ACCESS_REFUSED', `The directory does not let us in (${status}).`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ExternalError('the directory answered with something that is no JSON')
  }
}

function hospitalOf(facility: Record<string, unknown>): ListedHospital | null {
  const name = textOf(facility['name'])
  if (name === null) return null
  const files = Array.isArray(facility['files']) ? (facility['files'] as unknown[]) : []
  const ccn = textOf(facility['ccn'])
  return {
    externalId: textOf(facility['id']) ?? ccn ?? name,
    ccn,
    npi: null,
    name,
    address: textOf(facility['address']),
    city: textOf(facility['city']),
    state: textOf(facility['state'])?.toUpperCase() ?? null,
    zip: textOf(facility['zip']),
    phone: textOf(facility['phone']),
    website: textOf(facility['url']),
    beds: numberOf(facility['beds']),
    latitude: numberOf(facility['lat']),
    longitude: numberOf(facility['long']),
    files: files.flatMap((file) => fileOf(file as Record<string, unknown>)),
  }
}

function fileOf(file: Record<string, unknown>): ListedFile[] {
  const url = textOf(file['url'])
  if (url === null || !URL.canParse(url)) return []
  const { href } = new URL(url)
  const name = textOf(file['filename'])
  const suffix = textOf(file['filesuffix'])
  return [
    {
      url: href,
      name: name && suffix ? `${name}.${suffix.replace(/^\./, '')}` : (name ?? nameIn(href)),
      pageUrl: textOf(file['pageurl']),
      size: numberOf(file['size']),
      retrieved: textOf(file['retrieved']),
    },
  ]
}
