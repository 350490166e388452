// What tasks have found and kept, newest first, for the pages that draw it.
import type { LabRooms } from '../store/rooms.ts'

export async function newestFindings(
  { db }: LabRooms,
  kind: 'forecast' | 'anomalies',
  limit: number,
) {
  const rows = await db.query
    .selectFrom('lab_findings')
    .select(['company_id', 'subject', 'body', 'made_at'])
    .where('kind', '=', kind)
    .orderBy('made_at', 'desc')
    .orderBy('subject')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    company: row.company_id,
    subject: row.subject,
    madeAt: row.made_at,
    body: JSON.parse(row.body) as unknown,
  }))
}
