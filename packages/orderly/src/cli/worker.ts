// `orderly worker`: runs the jobs of an application until it is told to stop.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import { createOrderly, type Orderly, type OrderlyOptions } from '../orderly.ts'
import { milliseconds, type Duration } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { print, table } from './print.ts'

interface Flags {
  readonly app: string
  readonly queues?: readonly string[]
  readonly grace: Duration
  readonly json?: boolean
  readonly home?: string
}

export function workerCommand(): Command {
  return new Command('worker')
    .requiredOption(
      '--app <module>',
      'a module whose default export is what createOrderly takes, or an async function that gives it',
    )
    .option('--queues <names>', 'work on these queues only, with commas between them', readNames)
    .option('--grace <span>', 'how long running jobs may go on when it stops', readSpan, '30s')
    .option('--json', 'one line of JSON for each thing that is said')
    .action(async (_flags, command: Command) => work(command.optsWithGlobals<Flags>()))
}

async function work({ app, queues, grace, json = false, home }: Flags): Promise<void> {
  const told = listen()
  const options = await loadApp(app)
  const orderly = await createOrderly({ ...options, ...(home === undefined ? {} : { home }) })
  try {
    await orderly.start(queues === undefined ? {} : { queues })
    await say(json, { type: 'started', pid: process.pid, queues: describe(orderly, queues) }, () =>
      [shown(orderly, queues), '', 'Working. Ctrl-C or SIGTERM stops it.'].join('\n'),
    )
    await told.once
    await say(
      json,
      { type: 'stopping', grace },
      () => `Stopping. Running jobs have ${grace}; tell me again to stop at once.`,
    )
  } finally {
    await orderly.close({ grace, hurry: told.again })
  }
  await say(json, { type: 'stopped' }, () => 'Stopped. What had not ended is back in its queue.')
  // An application may hold what keeps a process alive, and so does a handler that ignores its signal.
  process.exit(0)
}

interface Told {
  readonly once: Promise<void>
  readonly again: AbortSignal
}

function listen(): Told {
  const again = new AbortController()
  let times = 0
  const once = new Promise<void>((tell) => {
    const hear = (): void => {
      times++
      if (times === 1) tell()
      else if (times === 2) again.abort()
      // Its jobs are on record; whoever works next finds them.
      else process.exit(1)
    }
    process.on('SIGTERM', hear).on('SIGINT', hear)
  })
  return { once, again: again.signal }
}

async function loadApp(app: string): Promise<OrderlyOptions> {
  let exported: unknown
  try {
    exported = ((await import(pathToFileURL(resolve(app)).href)) as { default?: unknown }).default
    if (typeof exported === 'function') exported = await (exported as () => unknown)()
  } catch (cause) {
    if (cause instanceof OrderlyError) throw cause
    const isSource = (cause as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION'
    const why = isSource
      ? 'this Node does not read TypeScript; compile it first, or start with NODE_OPTIONS="--import tsx"'
      : cause instanceof Error
        ? cause.message
        : 'no reason given'
    throw new OrderlyError('ORDERLY_SETTING_INVALID', `${app} cannot be loaded: ${why}`, { cause })
  }
  if (typeof exported === 'object' && exported !== null) return exported
  throw new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    `${app} must export as default what createOrderly takes, or an async function that gives it`,
  )
}

interface Described {
  readonly name: string
  readonly concurrency: number
  readonly jobs: readonly string[]
}

function describe({ registry }: Orderly, only: readonly string[] | undefined): Described[] {
  const jobs = [...registry.jobs.values()]
  return [...registry.queues.values()]
    .filter(({ name }) => only?.includes(name) ?? true)
    .map(({ name, concurrency }) => ({
      name,
      concurrency,
      jobs: jobs.filter(({ queue }) => queue === name).map((job) => job.name),
    }))
}

function shown(orderly: Orderly, only: readonly string[] | undefined): string {
  return table(
    ['queue', 'at once', 'jobs'],
    describe(orderly, only).map(({ name, concurrency, jobs }) => [
      name,
      String(concurrency),
      jobs.join(', '),
    ]),
  )
}

async function say(json: boolean, fact: object, text: () => string): Promise<void> {
  await print(json ? `${JSON.stringify(fact)}\n` : `${text()}\n`)
}

function readNames(given: string): string[] {
  const names = given
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.length === 0) throw new InvalidArgumentError('Name one queue at least.')
  return names
}

function readSpan(given: string): Duration {
  try {
    milliseconds(given as Duration)
  } catch {
    throw new InvalidArgumentError('Write it as 30s, 500ms or 2m.')
  }
  return given as Duration
}
