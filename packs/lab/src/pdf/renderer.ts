// Renders documents beside the process's own thread, so that routes and other jobs go on meanwhile.
import { Worker } from 'node:worker_threads'
import { ExternalError, type Clock } from 'orderly'
import type { LabDocument } from './documents.ts'
import type { Rendered, ToRender } from './render-thread.ts'

/**
 * The PDF of a document. The same document gives the same bytes.
 *
 * @throws RangeError when it holds what no page or barcode can; ExternalError when the thread died, and another try may do
 */
export type RenderDocument = (document: LabDocument) => Promise<Uint8Array>

const IDLE_MS = 60_000
const MEMORY_MB = 512

// From the sources, what was built runs: threads do not read TypeScript by themselves.
const isSource = import.meta.url.endsWith('.ts')
const ENTRY = new URL(
  isSource ? '../../dist/pdf/render-thread.js' : './render-thread.js',
  import.meta.url,
)

interface Wanted {
  resolve(pdf: Uint8Array): void
  reject(error: Error): void
}

/** Starts its thread with the first document, and ends it when there has been none for a minute. It keeps no process alive. */
export function openRenderer(clock: Clock): RenderDocument {
  let thread: Worker | undefined
  let wanted = new Map<number, Wanted>()
  let count = 0
  let disarm = (): void => undefined

  const open = (): Worker => {
    const own = new Map<number, Wanted>()
    const worker = new Worker(ENTRY, {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
      ...(isSource ? { execArgv: [] } : {}),
    })
    const settle = (id: number, how: (one: Wanted) => void): void => {
      const one = own.get(id)
      own.delete(id)
      if (own.size === 0 && thread === worker) rest(worker)
      if (one) how(one)
    }
    worker.on('message', ({ error, id, pdf }: Rendered) =>
      settle(id, ({ reject, resolve }) => {
        if (pdf) resolve(pdf)
        else reject(error?.isRange ? new RangeError(error.message) : new Error(error?.message))
      }),
    )
    // What it died of is told to those that wait, when it is gone.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      if (thread === worker) thread = undefined
      for (const { reject } of own.values())
        reject(
          new ExternalError('the thread that renders documents ended; this one is tried again'),
        )
      own.clear()
    })
    wanted = own
    return worker
  }
  const rest = (worker: Worker): void => {
    worker.unref()
    disarm = clock.after(IDLE_MS, () => {
      if (thread === worker) thread = undefined
      void worker.terminate()
    })
  }
  return (document) =>
    new Promise((resolve, reject) => {
      disarm()
      thread ??= open()
      thread.ref()
      const id = ++count
      wanted.set(id, { resolve, reject })
      thread.postMessage({ id, document } satisfies ToRender, [])
    })
}
