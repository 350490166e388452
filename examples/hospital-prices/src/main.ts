// The program behind `npm start`: hospital price files in, prices and a dashboard out.
import { join, relative } from 'node:path'
import { listFiles, prices, reportSources, watchInbox } from '@orderly/prices'
import { createOrderly, OrderlyError, serve, type Orderly } from 'orderly'
import { enqueueFiles, isFinal, load, type LoadResult } from './load.ts'
import { consoleLogger } from './log.ts'
import { readOptions, USAGE, UsageError, type Options } from './options.ts'
import { inboxLine, painter, progressLine, table } from './print.ts'
import { BUNDLED, openMirror, optionsFor } from './web.ts'

const USAGE_EXIT = 2
const INTERRUPTED_EXIT = 130

const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env)
  if (!options) {
    process.stdout.write(USAGE)
    return 0
  }
  const stop = stopSignal()
  const files = await listFiles(options.input ?? BUNDLED).catch(() => {
    throw new UsageError(`--input ${options.input ?? BUNDLED} is not a folder that can be read.`)
  })
  await using mirror = await openMirror(options.input)
  await using orderly = await createOrderly({
    packs: [prices(optionsFor(mirror))],
    log: consoleLogger(say),
    ...(options.data === undefined ? {} : { home: options.data }),
  })
  say(
    `Orderly on the embedded engine (SQLite, no server): ${relative('.', orderly.settings.home) || '.'}`,
  )
  // Before the work, so that a port that is taken is told at once and the page shows the files as they come.
  await using server = options.once ? undefined : await servePage(orderly, options)
  const result = await loadWithProgress(orderly, mirror, files, stop)
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else process.stdout.write(`${table(result, painter(process.stdout, process.env))}\n`)
  if (!stop.aborted && server) await watchUntil(stop, orderly)
  if (stop.aborted) say('Stopped; what was begun goes on at the next start.')
  if (options.once) return stop.aborted ? INTERRUPTED_EXIT : result.files.every(isFinal) ? 0 : 1
  return 0
}

/** Aborts on Ctrl-C or a polite kill; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED_EXIT)
      say('\nStopping: running jobs get 10 s to finish. Once more ends them now.')
      controller.abort()
    })
  }
  return controller.signal
}

async function loadWithProgress(
  orderly: Orderly,
  mirror: Parameters<typeof load>[1],
  files: Parameters<typeof load>[2],
  stop: AbortSignal,
): Promise<LoadResult> {
  const { stderr } = process
  let shown = ''
  const result = await load(orderly, mirror, files, stop, (reports) => {
    const line = progressLine(reports)
    if (line === shown) return
    shown = line
    stderr.write(stderr.isTTY ? `\r\x1b[2K${line.slice(0, stderr.columns - 1)}` : `${line}\n`)
  })
  if (stderr.isTTY && shown !== '') stderr.write('\r\x1b[2K')
  return result
}

async function servePage(orderly: Orderly, options: Options): Promise<AsyncDisposable> {
  const { port } = options
  const server = await serve(orderly, { port }).catch((error: unknown) => {
    if (!(error instanceof OrderlyError) || error.cause === undefined) throw error
    throw new OrderlyError(
      error.code,
      `port ${port} cannot be used, most likely because another program has it; choose another with PORT=…`,
      { cause: error },
    )
  })
  say(`Dashboard: ${server.url}`)
  if (server.setupUrl) say(`First sign-in, within an hour: ${server.setupUrl}`)
  return { [Symbol.asyncDispose]: () => server.close() }
}

async function watchUntil(stop: AbortSignal, orderly: Orderly): Promise<void> {
  const inbox = join(orderly.settings.home, 'inbox')
  say(`Inbox: ${relative('.', inbox)} (files put there are loaded at once)`)
  say('Ctrl-C stops.')
  await watchInbox(inbox, orderly.clock, stop, async (file) => {
    const since = orderly.clock.now()
    await enqueueFiles(orderly, [file])
    await orderly.whenIdle({ signal: stop })
    for (const report of await reportSources(orderly.database, [file.source], since)) {
      say(inboxLine(report))
    }
  })
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError || error instanceof OrderlyError)) throw error
  say(error.message)
  process.exitCode = error instanceof UsageError ? USAGE_EXIT : 1
}
