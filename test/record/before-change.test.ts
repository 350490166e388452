// An installation that a newer program was at, or whose keys are gone: it is refused, and nothing of it is changed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sql } from 'kysely'
import {
  createOrderly,
  definePack,
  migrate,
  type MigrationStep,
  type Pack,
  type PackRooms,
} from '../../packages/orderly/src/index.ts'
import { openDatabase } from '../../packages/orderly/src/database/open.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }
let home: string
let databaseUrl: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'orderly-refused-'))
  databaseUrl = `sqlite:${join(home, 'record.db')}`
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** A pack of so many steps, each of which makes a table. */
function packOf(name: string, steps: number): Pack<PackRooms> {
  const migrations = Array.from({ length: steps }, (_, n): MigrationStep => ({
    name: `000${n + 1}-step`,
    async up(db) {
      await db.schema
        .createTable(`${name}_${n + 1}`)
        .addColumn('id', 'text')
        .execute()
    },
  }))
  return definePack<PackRooms>({
    name,
    jobs: [],
    queues: [],
    migrations,
    async open({ database }) {
      await migrate(database, name, migrations)
      return { handlers: [] }
    },
  })
}

const open = (...packs: Pack<PackRooms>[]) => createOrderly({ home, databaseUrl, packs, log })

/** Everything the database is made of. */
async function shape(): Promise<unknown> {
  const database = openDatabase(databaseUrl)
  try {
    const { rows } = await sql`select name, sql from sqlite_master order by name`.execute(
      database.query,
    )
    return rows
  } finally {
    await database.close()
  }
}

it.each(['wine', 'orderly', 'orderly_state'])(
  'changes no table where those of %s are newer than the program',
  async (owner) => {
    await (await open(packOf('wine', 2))).close()
    const database = openDatabase(databaseUrl)
    await sql`insert into ${sql.table(`${owner}_migrations`)} (name, timestamp)
      values ('9999-of-tomorrow', '2099-01-01')`.execute(database.query)
    await database.close()
    const before = await shape()
    // The newer pack beside it and the step it has not run yet would be the first to change something.
    await expect(open(packOf('apple', 1), packOf('wine', 3))).rejects.toMatchObject({
      code: 'ORDERLY_MIGRATION_FAILED',
      message: expect.stringContaining(`tables of ${owner} are newer`),
    })
    expect(await shape()).toEqual(before)
  },
)

it('changes no table where the keyring is gone', async () => {
  await (await open(packOf('wine', 1))).close()
  const before = await shape()
  rmSync(join(home, 'keyring.json'))
  await expect(open(packOf('wine', 2))).rejects.toMatchObject({ code: 'ORDERLY_KEYRING_INVALID' })
  expect(await shape()).toEqual(before)
  expect(before).not.toEqual([])
})
