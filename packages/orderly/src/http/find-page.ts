// A page of found jobs, for a caller: within reach, PHI looked for only by those who may, and on record.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { reachesAll } from '../access/can.ts'
import type { Condition, FoundJob, PageEnd } from '../history/find.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { InspectedJob } from '../runtime/inspect.ts'
import { planSearch, runSearch, type PlannedSearch } from '../runtime/search.ts'
import { toldSearch } from '../runtime/told-search.ts'
import { parseSearch } from '../search/parse.ts'
import { printSearch } from '../search/search.ts'
import type { ApiContext } from './contract.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { time } from './fields.ts'
import { jobRow, showRow, type JobView } from './job-view.ts'
import { RequestError } from './problem.ts'

export interface FoundPage {
  data: JobView[]
  page: { next: string | null }
  search: string
  unindexed: string[]
  unsearchable: string[]
  since: number | null
}

export const foundPage: z.ZodType<FoundPage> = z
  .object({
    data: z.array(jobRow),
    page: z.object({ next: z.string().nullable().describe('Null on the last page.') }),
    search: z.string().describe('The search as it was understood; values of PHI are left out.'),
    unindexed: z
      .array(z.string())
      .describe('Conditions that no index helps with: jobs were looked at one by one.'),
    unsearchable: z
      .array(z.string())
      .describe('Paths that no definition declares searchable: nothing is found by them.'),
    since: time
      .nullable()
      .describe('Set where, for want of an index, only jobs since then were looked at.'),
  })
  .meta({ id: 'FoundJobs' })

/** What a caller may find: jobs of queues within reach. */
export function withinReach({
  actor,
  rooms,
  reaches,
}: Pick<ApiContext, 'actor' | 'rooms' | 'reaches'>): readonly Condition[] {
  if (reachesAll(actor)) return []
  return [{ column: 'queue', values: [...rooms.registry.queues.keys()].filter(reaches) }]
}

/**
 * Plans a search for a caller. PHI is never looked for by an address, which lands in logs on its way.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID`, `ORDERLY_FORBIDDEN`
 */
export async function planFor(
  context: ApiContext,
  text: string,
  options: { readonly inAddress: boolean },
): Promise<PlannedSearch> {
  const planned = await planSearch(context.rooms, parseSearch(text))
  if (!planned.usesPhi) return planned
  if (options.inAddress)
    throw new RequestError(
      'ORDERLY_REQUEST_INVALID',
      'a search for PHI does not belong in an address, which is logged on its way',
      { fix: 'Send it as the body of POST /api/v1/jobs/search.' },
    )
  if (!context.can('phi:search'))
    throw new OrderlyError('ORDERLY_FORBIDDEN', 'to look for PHI needs the permission "phi:search"')
  await context.callers.ready?.()
  const told = await toldSearch(context.rooms, planned.shown)
  context.note({ phiSearch: true, search: printSearch(told) })
  return planned
}

export async function findPage(
  context: ApiContext,
  text: string,
  page: {
    readonly limit: number
    readonly cursor?: string | undefined
    readonly inAddress: boolean
  },
): Promise<FoundPage> {
  const { rooms, actor } = context
  const planned = await planFor(context, text, page)
  const digest = createHash('sha256').update(text).digest('base64url')
  const list = `jobs/${actor.tenant}/${actor.queues.join(',')}/${digest}`
  const before =
    page.cursor === undefined
      ? undefined
      : ((await readCursor(rooms, list, page.cursor)) as PageEnd)
  const rows = await runSearch(rooms, planned, {
    limit: page.limit,
    ...(before ? { before } : {}),
    also: withinReach(context),
  })
  const last = rows.length === page.limit ? rows.at(-1) : undefined
  return {
    data: rows.map(showRow),
    page: { next: last ? await writeCursor(rooms, list, endOf(planned, last)) : null },
    search: printSearch(planned.shown),
    unindexed: [...planned.unindexed],
    unsearchable: [...planned.unsearchable],
    since: planned.since ?? null,
  }
}

function endOf({ query }: PlannedSearch, last: FoundJob): PageEnd {
  const value = query.order?.by === 'duration' ? last.duration! : last.created_at
  return { createdAt: value, id: last.id }
}

/** A job within reach. @throws OrderlyError `ORDERLY_NOT_FOUND` */
export async function jobFor(context: ApiContext, id: string): Promise<InspectedJob> {
  const job = await context.orderly.inspectJob(id)
  if (job) context.concerns(job.queue)
  if (job && context.reaches(job.queue)) return job
  throw new OrderlyError('ORDERLY_NOT_FOUND', 'there is no job of this id')
}
