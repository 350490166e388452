// What a thread or process that runs handlers does: one job at a time, told by its parent, gone when the parent is.
import { parentPort, Worker, workerData } from 'node:worker_threads'
import type { Services } from '../job/context.ts'
import { loadHandler, type LoadedHandler } from '../job/handler-module.ts'
import { Verdict } from '../job/outcome.ts'
import { cannotLeave } from './cannot-leave.ts'
import { carryError } from './carry-error.ts'
import { openChildContext, type ChildContext } from './child-context.ts'
import type { CarriedJob, ChildStart, End, FromChild, Memory, ToChild } from './messages.ts'

const MEBIBYTE = 1_048_576
const port = parentPort
const start = (port ? workerData : JSON.parse(process.argv[2]!)) as ChildStart

const send = (message: FromChild): void => {
  if (port) port.postMessage(message)
  // Whoever was to hear it is gone, and so is this process in a moment.
  else if (process.connected) process.send!(message)
}

interface Loaded extends LoadedHandler {
  readonly made: Services & Partial<AsyncDisposable>
}

let loading: Promise<Loaded> | undefined
let current: { readonly task: number; readonly hear: ChildContext['hear'] } | undefined

async function load(): Promise<Loaded> {
  const handler = await loadHandler(start.url, start.job)
  return { ...handler, made: (await handler.services?.()) ?? {} }
}

async function run(task: number, job: CarriedJob): Promise<void> {
  let loaded: Loaded
  try {
    loaded = await (loading ??= load())
  } catch (error) {
    // A module that could not be loaded once is not loaded again in the same thread.
    return send({ type: 'broken', error: carryError(error) })
  }
  let end: End
  try {
    const { context, hear } = openChildContext(task, job, loaded.made, send)
    current = { task, hear }
    for (const message of early.splice(0)) hear(message)
    // Its attempt may have ended while the module was being loaded.
    context.signal.throwIfAborted()
    end = endOf(await loaded.run(context))
  } catch (error) {
    end = { type: 'threw', error: carryError(error) }
  }
  current = undefined
  const memory = memoryNow()
  try {
    send({ type: 'ended', task, end, memory })
  } catch {
    const error = carryError(cannotLeave('the result of the handler'))
    send({ type: 'ended', task, end: { type: 'threw', error }, memory })
  }
}

function endOf(returned: unknown): End {
  if (!(returned instanceof Verdict)) return { type: 'returned', value: returned }
  const { outcome } = returned
  if (!('error' in outcome)) return { type: 'verdict', verdict: outcome }
  const { error, ...verdict } = outcome
  return { type: 'verdict', verdict, error: carryError(error) }
}

function memoryNow(): Memory {
  const { rss, heapUsed } = process.memoryUsage()
  return { resident: Math.round(rss / MEBIBYTE), heap: Math.round(heapUsed / MEBIBYTE) }
}

/** What came for a task whose module was still being loaded. */
const early: ToChild[] = []

function hear(message: ToChild): void {
  if (message.type === 'run') void run(message.task, message.job)
  else if (message.type === 'stop') void leave()
  else if (current?.task === message.task) current.hear(message)
  else if (message.type === 'abort') early.push(message)
}

/** Lets go of what the module's services hold, where they say how. */
async function leave(): Promise<void> {
  const { made } = (await loading?.catch(() => undefined)) ?? {}
  const dispose = made?.[Symbol.asyncDispose]
  await dispose?.call(made)
  process.exit(0)
}

let isBroken = false
process.on('uncaughtException', (error) => {
  // A module that goes on throwing while it is being ended says nothing new.
  if (isBroken) return
  isBroken = true
  send({ type: 'broken', error: carryError(error) })
})

if (port) {
  port.on('message', hear)
} else {
  // A terminal or a service manager signals all of a group; this one ends when its parent says so.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  process.on('message', hear)
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  // A handler that never lets go of its thread would not hear that the channel closed.
  new Worker(new URL('./orphan-watch.js', import.meta.url), {
    workerData: start.parent,
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  }).unref()
}
