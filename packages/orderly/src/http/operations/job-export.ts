// The operation that takes a list of jobs out as a file: streamed, bounded, masked, on the audit log before it begins.
import { once } from 'node:events'
import { z } from 'zod'
import { operation, type ApiOperation } from '../contract.ts'
import { findPage, planFor } from '../find-page.ts'
import { EXPORT_FORMATS, EXPORT_TYPES, exportFile } from '../job-export.ts'
import { toldSearch } from '../../runtime/told-search.ts'
import { printSearch } from '../../search/search.ts'

const MOST_ROWS = 100_000
const PAGE_ROWS = 500
/** A reader who takes nothing for so long is gone. */
const STALLED_MS = 60_000

export const jobExports: readonly ApiOperation[] = [
  operation({
    id: 'jobs.export',
    method: 'POST',
    path: '/api/v1/jobs/export',
    summary: 'Take the jobs a search finds out, as CSV, JSON or one JSON a line',
    description:
      'Newest first, 100,000 at most, without inputs and outputs. A cell that a spreadsheet would take for a formula has an apostrophe in front. The audit log says who took what out before the first row leaves, and how many rows it was once the last has.',
    permission: 'jobs:export',
    audit: 'read',
    phi: true,
    forgetful: true,
    request: {
      body: z
        .object({
          q: z.string().max(4_000).default(''),
          format: z.enum(EXPORT_FORMATS).default('csv'),
          limit: z.number().int().min(1).max(MOST_ROWS).default(MOST_ROWS),
        })
        .meta({ id: 'JobExport' }),
    },
    response: z.string(),
    contentType: 'text/csv; charset=utf-8; header=present',
    examples: [
      {
        name: 'failed jobs',
        request: { body: { q: 'state:failed', format: 'csv' } },
        response: 'id,type,queue,state\r\n',
      },
    ],
    async stream(context, { body }, { response }) {
      const { rooms, callers, actor } = context
      const { q, format, limit } = body
      const planned = await planFor(context, q, { inAddress: false })
      const search = printSearch(planned.shown)
      const told = printSearch(await toldSearch(rooms, planned.shown))
      await callers.ready?.()
      const record = async (
        notes: Readonly<Record<string, string | number | boolean>>,
      ): Promise<void> =>
        callers.record?.({
          operation: 'jobs.export',
          audit: 'read',
          actor,
          requestId: context.requestId,
          address: context.address,
          target: undefined,
          status: 200,
          notes: { format, search: told, ...notes },
        })
      await record({ phase: 'begun' })
      const at = new Date(rooms.clock.now()).toISOString()
      const file = exportFile(format, { at, by: actor.name, search })
      response.writeHead(200, {
        'content-type': EXPORT_TYPES[format],
        'content-disposition': `attachment; filename="jobs-${at.slice(0, 10)}.${format}"`,
        'cache-control': 'no-store, no-transform',
      })
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      const write = async (text: string): Promise<void> => {
        if (text === '' || response.write(text)) return
        const stop = rooms.clock.after(STALLED_MS, () => response.destroy())
        await once(response, 'drain', { signal: gone.signal }).catch(() => undefined)
        stop()
      }
      let rows = 0
      let cursor: string | undefined
      let isWhole = false
      try {
        await write(file.head())
        while (!gone.signal.aborted && rows < limit) {
          const page = await findPage(context, q, {
            limit: Math.min(PAGE_ROWS, limit - rows),
            cursor,
            inAddress: false,
          })
          await write(file.page(page.data, rows === 0))
          rows += page.data.length
          cursor = page.page.next ?? undefined
          isWhole = cursor === undefined
          if (isWhole) break
        }
        if (!gone.signal.aborted) await write(file.end(isWhole))
      } catch (error) {
        // The head has left; what was cut off must not look like the whole of it.
        response.destroy(error instanceof Error ? error : undefined)
        await record({ phase: 'broken', rows })
        return
      }
      await record({ phase: gone.signal.aborted ? 'left' : 'ended', rows, isWhole })
      response.end()
    },
    run: () => Promise.resolve(''),
  }),
]
