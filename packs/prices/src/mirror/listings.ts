// The hospitals of the mirror in the three shapes of directory.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { MirrorHospital } from './mirror.ts'

type UrlOf = (file: string) => string

/** As CMS's generator of cms-hpt.txt writes it. */
export function cmsHptText(hospitals: readonly MirrorHospital[], urlOf: UrlOf): string {
  return hospitals
    .flatMap((hospital) =>
      hospital.files.map((file) =>
        [
          `location-name: ${hospital.name}`,
          `source-page-url: ${urlOf(file).replace('/files/', '/pages/')}`,
          `mrf-url: ${urlOf(file)}`,
          'contact-name: Price Desk',
          'contact-email: prices@mirror.test',
          '',
        ].join('\r\n'),
      ),
    )
    .join('\r\n')
}

const COLUMNS = [
  'id',
  'ccn',
  'npi',
  'name',
  'address',
  'city',
  'state',
  'zip',
  'phone',
  'beds',
] as const

export function registryCsv(hospitals: readonly MirrorHospital[], urlOf: UrlOf): string {
  const rows = hospitals.flatMap((hospital) =>
    hospital.files.map((file) =>
      [...COLUMNS.map((column) => hospital[column] ?? ''), urlOf(file), file].map(quoted).join(','),
    ),
  )
  return [[...COLUMNS, 'url', 'file_name'].join(','), ...rows, ''].join('\r\n')
}

export function registryJson(hospitals: readonly MirrorHospital[], urlOf: UrlOf): string {
  return JSON.stringify({
    hospitals: hospitals.map((hospital) => ({
      ...hospital,
      files: hospital.files.map((file) => ({ url: urlOf(file), file_name: file })),
    })),
  })
}

/** Every value is text there, and none found is an object. */
export function searchAnswer(
  hospitals: readonly MirrorHospital[],
  urlOf: UrlOf,
  url: URL,
  folder: string,
): string {
  const found = hospitals.filter(({ state }) => state === url.searchParams.get('searchstate'))
  if (found.length === 0) return '{}'
  return JSON.stringify(
    found.map(({ id, name, ccn = '', address = '', city = '', state, zip = '', phone = '', ...rest }) => ({
      id, name, ccn, address, city, state, zip, phone,
      beds: String(rest.beds ?? ''), lat: '', long: '', url: '',
      files: rest.files.map((file, at) => ({
        fileid: `${id}-${at}`,
        filename: file.replace(/\.[^.]*$/, ''),
        filesuffix: /\.([^.]*)$/.exec(file)?.[1] ?? '',
        filetype: 'standardcharges',
        retrieved: '2026-01-01T00:00:00.000Z',
        size: String(statSync(join(folder, file)).size),
        url: urlOf(file),
        pageurl: '',
        converted: false,
        storage: '',
        project: '',
      })),
    })),
  ) // prettier-ignore
}

function quoted(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
