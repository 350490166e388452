// The pages of hospitals: all that are known, and one with its files.
import type { Database, PageBlock } from 'orderly'
import { listHeld } from '../store/publications.ts'
import type { PriceTables } from '../store/tables.ts'
import { hasWords, MOST_ROWS, more, stateOf, withoutAddresses } from './parts.ts'

type Db = Database<PriceTables>

export async function hospitalsPage(db: Db, search: string): Promise<readonly PageBlock[]> {
  const rows = await db.query
    .selectFrom('hospitals')
    .selectAll()
    .select(({ selectFrom, ref }) =>
      selectFrom('hospital_files')
        .select(({ fn }) => fn.count<number>('file_id').distinct().as('files'))
        .where('hospital_files.hospital_id', '=', ref('hospitals.hospital_id'))
        .as('files'),
    )
    .where(hasWords(search, ['name', 'place', 'city', 'state', 'county', 'ccn', 'npi']))
    .orderBy('name')
    .limit(MOST_ROWS)
    .execute()
  return [
    ...(await heldNote(db)),
    {
      block: 'search',
      label: 'Name, place, county or number',
      filter: 'search',
      value: search,
    },
    {
      block: 'table',
      title: search === '' ? 'Known hospitals' : 'Hospitals found',
      columns: [
        { key: 'name', label: 'Hospital', kind: 'text' },
        { key: 'place', label: 'Place', kind: 'text' },
        { key: 'county', label: 'County', kind: 'text' },
        { key: 'number', label: 'CCN or NPI' },
        { key: 'files', label: 'Files', kind: 'number' },
        { key: 'address', label: 'Address' },
        { key: 'seen', label: 'Seen', kind: 'time' },
      ],
      rows: rows.map((row) => ({
        name: { text: row.name, page: 'hospital', params: { id: row.hospital_id } },
        place: [row.place ?? row.city, row.state].filter(Boolean).join(', '),
        county: row.county,
        number: row.ccn ?? row.npi,
        files: Number(row.files),
        address: stateOf(row.address_state, row.address_state ?? 'waiting'),
        seen: row.seen_at,
      })),
      empty:
        search === ''
          ? 'No hospital is known yet: orderly prices scan'
          : 'No known hospital is called so.',
    },
    ...more(rows.length),
  ]
}

async function heldNote(db: Db): Promise<readonly PageBlock[]> {
  const held = await listHeld(db)
  if (held.length === 0) return []
  const text =
    held.length === 1
      ? 'One version is held until somebody decides about it: orderly prices validate --held'
      : `${held.length} versions are held until somebody decides about it: orderly prices validate --held`
  return [{ block: 'note', tone: 'warning', text }]
}

export async function hospitalPage(db: Db, id: string): Promise<readonly PageBlock[]> {
  const found = await db.query
    .selectFrom('hospitals')
    .selectAll()
    .where('hospital_id', '=', id)
    .executeTakeFirst()
  if (!found) return [{ block: 'note', tone: 'bad', text: 'No such hospital is known.' }]
  const files = await db.query
    .selectFrom('price_files')
    .leftJoin('sources', 'sources.name', 'price_files.source')
    .leftJoin('publications', 'publications.version_id', 'sources.current_version')
    .selectAll('price_files')
    .select(['publications.state as publication', 'publications.verdict', 'publications.score'])
    .where('price_files.file_id', 'in', ({ selectFrom }) =>
      selectFrom('hospital_files').select('file_id').where('hospital_id', '=', id),
    )
    .orderBy('price_files.name')
    .limit(MOST_ROWS)
    .execute()
  const problems = JSON.parse(found.problems ?? '[]') as string[]
  const { latitude, longitude } = found
  return [
    {
      block: 'facts',
      title: found.name,
      facts: [
        { label: 'Address', value: found.street ?? found.address },
        {
          label: 'Place',
          value: [found.place ?? found.city, found.state, found.zip].filter(Boolean).join(' '),
        },
        { label: 'County', value: found.county },
        {
          label: 'Coordinates',
          value:
            latitude === null || longitude === null
              ? null
              : `${latitude.toFixed(3)}, ${longitude.toFixed(3)}`,
        },
        { label: 'CCN', value: found.ccn },
        { label: 'NPI', value: found.npi },
        { label: 'Beds', value: found.beds },
        ...problems.map((text) => ({ label: 'Problem', value: text, tone: 'warning' as const })),
      ],
    },
    {
      block: 'table',
      title: 'Price files',
      columns: [
        { key: 'name', label: 'File', kind: 'text' },
        { key: 'state', label: 'State' },
        { key: 'score', label: 'Score', kind: 'number' },
        { key: 'bytes', label: 'Bytes', kind: 'number' },
        { key: 'stored', label: 'Stored', kind: 'time' },
        { key: 'checked', label: 'Asked for', kind: 'time' },
        { key: 'reason', label: 'Reason' },
      ],
      rows: files.map((file) => ({
        name: { text: file.name, page: 'file', params: { id: file.file_id } },
        state: stateOf(file.publication ?? file.state),
        score: file.score,
        bytes: file.bytes,
        stored: file.stored_at,
        checked: file.checked_at,
        reason: withoutAddresses(file.reason),
      })),
      empty: 'The directory lists no file of this hospital.',
    },
  ]
}
