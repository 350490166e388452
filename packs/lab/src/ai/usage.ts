// Counts the tokens companies use in a day.
import { sql } from 'kysely'
import { DAY_MS } from '../forecast/series.ts'
import type { LabRooms } from '../store/rooms.ts'
import type { UsageMeter } from './client.ts'

export function openUsage({ db, clock }: Pick<LabRooms, 'db' | 'clock'>): UsageMeter {
  const today = (): number => Math.floor(clock.now() / DAY_MS)
  return {
    async used(companyId) {
      const row = await db.query
        .selectFrom('lab_usage')
        .select('tokens')
        .where('day', '=', today())
        .where('company_id', '=', companyId)
        .executeTakeFirst()
      return row?.tokens ?? 0
    },
    async add(companyId, tokens) {
      await db.query
        .insertInto('lab_usage')
        .values({ day: today(), company_id: companyId, tokens })
        .onConflict((conflict) =>
          conflict
            .columns(['day', 'company_id'])
            .doUpdateSet({ tokens: sql<number>`lab_usage.tokens + ${tokens}` }),
        )
        .execute()
    },
  }
}
