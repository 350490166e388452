// price-publish and prices-settle: what becomes of versions that were held, and when a scan's work is done.
import { sql } from 'kysely'
import { handle, snooze, type Handler, type PackRooms } from 'orderly'
import { analyticsRefresh, pricePublish, pricesSettle } from '../jobs.ts'
import { decide, findPublication, listHeld } from '../store/publications.ts'
import type { PriceTables } from '../store/tables.ts'

const LOOK_AGAIN = '1s'

export function publishHandlers({ clock, database }: PackRooms): readonly Handler[] {
  const db = database.withTables<PriceTables>()
  return [
    handle(pricePublish, async ({ input, enqueue }) => {
      let decided = 0
      for (const versionId of input.versionIds) {
        const { approved, by } = input
        if (await decide(db, versionId, { approved, by, now: clock.now() })) decided++
        // Also when an earlier run decided and died before it asked for this.
        const publication = await findPublication(db, versionId)
        if (publication?.state === 'published') await enqueue(analyticsRefresh, { versionId })
      }
      return { decided }
    }),
    handle(pricesSettle, async () => {
      const { rows } = await sql<Counts>`
        select (select count(*) from price_files) as files,
          (select count(*) from price_files where state = 'refused') as refused,
          (select count(*) from price_files where state = 'listed' and code is null)
            + (select count(*) from price_files f where state = 'stored' and not exists (
                select 1 from intakes i join sources s on s.source_id = i.source_id
                where s.name = f.source and i.started_at >= f.stored_at))
            + (select count(*) from intakes where state in ('reading', 'updating'))
            + (select count(*) from versions v
                join intakes i on i.version_id = v.version_id and i.state = 'loaded'
                where v.shown_by is null and not exists (
                  select 1 from publications p where p.version_id = v.version_id)) as waiting,
          (select count(*) from publications where state = 'published') as published`.execute(
        db.query,
      )
      const { files, refused, waiting, published } = rows[0]!
      if (waiting > 0) return snooze(LOOK_AGAIN, 'files are still on their way')
      const held = await listHeld(db)
      return { files, refused, published, held: held.map(({ version_id }) => version_id) }
    }),
  ]
}

interface Counts {
  readonly files: number
  readonly refused: number
  readonly waiting: number
  readonly published: number
}
