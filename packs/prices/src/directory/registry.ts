// Hospitals from a list of one's own: a CSV or JSON file, on this machine or on the web.
import { readFile } from 'node:fs/promises'
import { PriceFileError } from '../read/error.ts'
import { nameIn } from './cms-hpt.ts'
import { readCsv } from './csv.ts'
import {
  numberOf,
  textOf,
  type HospitalDirectory,
  type ListedFile,
  type ListedHospital,
  type Listing,
} from './directory.ts'

const MOST_BYTES = 64 * 1024 * 1024

/**
 * One hospital a row or object: `id, ccn, npi, name, address, city, state, zip, phone, website, beds, latitude,
 * longitude, url, page_url, size, retrieved`. Rows of one id are one hospital with several files; in JSON `files` may be a
 * list of `{ url, name, page_url, size, retrieved }`.
 *
 * @param location a path, or an http(s) URL
 */
export function registryDirectory(location: string): HospitalDirectory {
  return {
    name: 'registry',
    async *scan({ web, signal, states }) {
      let text: string
      if (/^https?:\/\//i.test(location)) {
        const answer = await web.text(location, MOST_BYTES, { signal })
        if (answer.status !== 200)
          throw new PriceFileError(
            'DOWNLOAD_FAILED',
            `The registry could not be fetched: its server answered ${answer.status}.`,
          )
        text = answer.text
      } else text = await readLocal(location)
      yield* readRegistry(text, states)
    },
  }
}

async function readLocal(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new PriceFileError(
      'READ_FAILED',
      `The registry could not be read (${(error as NodeJS.ErrnoException).code}); look whether it is where it should be.`,
      { cause: error },
    )
  }
}

/** @throws PriceFileError `FORMAT_UNKNOWN` */
export function* readRegistry(
  text: string,
  states?: readonly string[],
): Generator<Listing, void, undefined> {
  const rows = rowsOf(text.replace(/^\ufeff/, ''))
  const hospitals = new Map<string, { hospital: ListedHospital; files: ListedFile[] }>()
  for (const [index, row] of rows.entries()) {
    const name = textOf(row['name'])
    if (name === null) {
      yield { problem: `entry ${index + 1} of the registry has no name` }
      continue
    }
    const ccn = textOf(row['ccn'])
    const externalId = textOf(row['id']) ?? ccn ?? `${name}/${textOf(row['zip']) ?? ''}`
    let known = hospitals.get(externalId)
    if (!known) {
      const files: ListedFile[] = []
      const hospital: ListedHospital = {
        externalId,
        ccn,
        npi: textOf(row['npi']),
        name,
        address: textOf(row['address']),
        city: textOf(row['city']),
        state: textOf(row['state'])?.toUpperCase() ?? null,
        zip: textOf(row['zip']),
        phone: textOf(row['phone']),
        website: textOf(row['website']),
        beds: numberOf(row['beds']),
        latitude: numberOf(row['latitude']),
        longitude: numberOf(row['longitude']),
        files,
      }
      known = { hospital, files }
      hospitals.set(externalId, known)
    }
    for (const file of Array.isArray(row['files']) ? row['files'] : [row]) {
      const listed = fileOf(file as Record<string, unknown>)
      if (listed === 'invalid')
        yield { problem: `entry ${index + 1} has a file without a web address` }
      else if (listed && !known.files.some(({ url }) => url === listed.url))
        known.files.push(listed)
    }
  }
  for (const { hospital } of hospitals.values())
    if (!states || (hospital.state !== null && states.includes(hospital.state))) yield { hospital }
}

function fileOf(row: Record<string, unknown>): ListedFile | 'invalid' | null {
  const url = textOf(row['url'])
  if (url === null) return null
  if (!URL.canParse(url) || !/^https?:/.test(new URL(url).protocol)) return 'invalid'
  return {
    url: new URL(url).href,
    name: textOf(row['file_name'] ?? row['filename']) ?? nameIn(new URL(url).href),
    pageUrl: textOf(row['page_url']),
    size: numberOf(row['size']),
    retrieved: textOf(row['retrieved']),
  }
}

function rowsOf(text: string): readonly Record<string, unknown>[] {
  if (/^\s*[[{]/.test(text)) {
    const parsed = parse(text)
    const list = Array.isArray(parsed) ? parsed : (parsed as Record<string, unknown>)['hospitals']
    if (!Array.isArray(list) || !list.every((row) => typeof row === 'object' && row !== null))
      throw unknownFormat()
    return list as Record<string, unknown>[]
  }
  const [head, ...rows] = readCsv(text)
  const names = (head ?? []).map((cell) => cell.trim().toLowerCase().replaceAll(' ', '_'))
  if (!names.includes('name')) throw unknownFormat()
  return rows.map((cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new PriceFileError('FILE_CORRUPT', 'The registry is broken JSON.', { cause: error })
  }
}

function unknownFormat(): PriceFileError {
  return new PriceFileError(
    'FORMAT_UNKNOWN',
    'The registry is no list of hospitals: CSV with a header that has name and url, or JSON with a list of such objects.',
  )
}
