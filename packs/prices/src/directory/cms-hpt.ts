// Hospitals by their own word: the cms-hpt.txt that 45 CFR 180.50(d)(6) asks for at the root of a hospital's site.
import { PriceFileError } from '../read/error.ts'
import type { HospitalDirectory, ListedFile, ListedHospital } from './directory.ts'

export interface CmsHptEntry {
  readonly location: string
  readonly pageUrl: string | null
  readonly fileUrl: string
}

export interface CmsHptText {
  readonly entries: readonly CmsHptEntry[]
  /** Blocks that name no location or no file. */
  readonly incomplete: number
}

const MOST_BYTES = 2 * 1024 * 1024

/**
 * Reads a cms-hpt.txt: blocks of `key: value`, one for each location. Blank lines between blocks may be missing, so a
 * second `location-name` begins one too.
 *
 * @throws PriceFileError `FILE_IS_HTML` for a web page in its place
 */
export function readCmsHpt(text: string): CmsHptText {
  const plain = text.replace(/^\ufeff/, '')
  if (/^\s*<(!doctype|html|head|body)\b/i.test(plain))
    throw new PriceFileError(
      'FILE_IS_HTML',
      'The site answers with a web page instead of cms-hpt.txt.',
    )
  const entries: CmsHptEntry[] = []
  let incomplete = 0
  let block = new Map<string, string>()
  const end = (): void => {
    const location = block.get('location-name')
    const fileUrl = block.get('mrf-url')
    if (location && fileUrl)
      entries.push({ location, fileUrl, pageUrl: block.get('source-page-url') ?? null })
    else if (location || fileUrl) incomplete++
    block = new Map()
  }
  for (const line of plain.split(/\r\n?|\n/)) {
    if (line.trim() === '') {
      // Some sites put a blank line after every line.
      if (block.has('mrf-url') && block.has('location-name')) end()
      continue
    }
    const match = /^\s*([A-Za-z-]+)\s*:\s*(.*?)\s*$/.exec(line)
    if (!match) continue
    const [, key = '', value = ''] = match
    const name = key.toLowerCase()
    if (block.has(name)) end()
    if (value !== '') block.set(name, value)
  }
  end()
  return { entries, incomplete }
}

/**
 * @param domains of hospitals: `hospital.example`, or an origin such as `https://hospital.example`
 */
export function cmsHptDirectory(domains: readonly string[]): HospitalDirectory {
  return {
    name: 'cms-hpt',
    async *scan({ web, signal }) {
      for (const domain of domains) {
        signal.throwIfAborted()
        const origin = /^https?:\/\//.test(domain)
          ? domain.replace(/\/+$/, '')
          : `https://${domain}`
        try {
          const answer = await web.text(`${origin}/cms-hpt.txt`, MOST_BYTES, { signal })
          if (answer.status !== 200) {
            yield { problem: `${domain} has no cms-hpt.txt (it answered ${answer.status})` }
            continue
          }
          const { entries, incomplete } = readCmsHpt(answer.text)
          if (incomplete > 0)
            yield { problem: `${domain}: ${incomplete} entries name no location or no file` }
          for (const hospital of hospitalsOf(origin, entries)) yield { hospital }
        } catch (error) {
          signal.throwIfAborted()
          yield { problem: `${domain}: ${error instanceof Error ? error.message : 'no answer'}` }
        }
      }
    },
  }
}

/** A location is named by its site and its name there; two sites may well have a "Main Campus". */
function hospitalsOf(origin: string, entries: readonly CmsHptEntry[]): ListedHospital[] {
  const files = new Map<string, ListedFile[]>()
  for (const { location, fileUrl, pageUrl } of entries) {
    if (!URL.canParse(fileUrl, origin)) continue
    const known = files.get(location) ?? []
    const url = new URL(fileUrl, origin).href
    if (!known.some((file) => file.url === url))
      known.push({ url, pageUrl, name: nameIn(url), size: null, retrieved: null })
    files.set(location, known)
  }
  return [...files].map(([name, listed]) => ({
    ...NOTHING,
    externalId: `${new URL(origin).host}/${name.toLowerCase()}`,
    name,
    website: origin,
    files: listed,
  }))
}

const NOTHING = {
  ccn: null,
  npi: null,
  address: null,
  city: null,
  state: null,
  zip: null,
  phone: null,
  beds: null,
  latitude: null,
  longitude: null,
} as const

export function nameIn(url: string): string | null {
  const last = new URL(url).pathname.split('/').at(-1)
  if (!last) return null
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}
