// Starts the threads and processes that run handlers, and makes both look the same.
import { fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import type { HandlerModule } from '../job/handle-in.ts'
import type { ChildStart, FromChild, ToChild } from './messages.ts'

export interface Child {
  readonly mode: 'thread' | 'process'
  /** @throws DataCloneError when the message holds something that cannot leave its thread */
  send(message: ToChild): void
  /** Ends it at once, whatever it does. */
  kill(): void
}

export interface ChildEvents {
  message(message: FromChild): void
  /** It is gone, and why, in words; undefined when it never began. Called once. */
  gone(how: string | undefined): void
}

export type Spawn = (
  mode: Child['mode'],
  module: HandlerModule,
  job: string,
  events: ChildEvents,
) => Child

// From the sources, what was built runs: neither threads nor processes read TypeScript by themselves.
const isSource = import.meta.url.endsWith('.ts')
const ENTRY = new URL(
  isSource ? '../../dist/isolation/child-main.js' : './child-main.js',
  import.meta.url,
)

/** The flags of this process that change what a module is; a debugger's port or code to evaluate is its own alone. */
const KEPT_FLAGS = /^(--import|--require|-r|--loader|--experimental-loader|--conditions|-C)$/
const KEPT_WHOLE =
  /^(--(import|require|loader|experimental-loader|conditions)=.*|--enable-source-maps)$/

/** @param environment what children see of the environment, by the names their module asks for */
export function spawner(environment: (extra: readonly string[]) => Record<string, string>): Spawn {
  return (mode, module, job, events) => {
    const start: ChildStart = { url: module.url, job, parent: process.pid }
    const env = environment(module.env)
    return mode === 'thread'
      ? startThread(module, start, env, events)
      : startProcess(module, start, env, events)
  }
}

function startThread(
  { memory }: HandlerModule,
  start: ChildStart,
  env: Record<string, string>,
  events: ChildEvents,
): Child {
  const worker = new Worker(ENTRY, {
    workerData: start,
    env,
    resourceLimits: { maxOldGenerationSizeMb: memory },
    ...(isSource ? { execArgv: [] } : {}),
  })
  let how: string | undefined
  worker.on('message', (message: FromChild) => events.message(message))
  worker.on('error', (error: Error & { code?: string }) => {
    how = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out of memory' : 'an error it could not tell'
  })
  worker.on('exit', (code) => events.gone(how ?? `exit code ${code}`))
  return {
    mode: 'thread',
    send: (message) => worker.postMessage(message, []),
    kill: () => void worker.terminate(),
  }
}

function startProcess(
  { memory }: HandlerModule,
  start: ChildStart,
  env: Record<string, string>,
  events: ChildEvents,
): Child {
  const flags = isSource ? [] : keptFlags(process.execArgv)
  const child = fork(ENTRY, [JSON.stringify(start)], {
    env,
    execArgv: [...flags, `--max-old-space-size=${memory}`],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let isGone = false
  const gone = (how: string | undefined): void => {
    if (!isGone) events.gone(how)
    isGone = true
  }
  child.on('message', (message) => events.message(message as FromChild))
  child.on('error', () => {
    if (child.pid === undefined) gone(undefined)
  })
  child.on('exit', (code, signal) =>
    gone(signal === null ? `exit code ${code}` : `signal ${signal}`),
  )
  return {
    mode: 'process',
    // One that has just died takes no messages; that it is gone is told by itself.
    send: (message) => void (child.connected && child.send(message, () => undefined)),
    kill: () => void child.kill('SIGKILL'),
  }
}

function keptFlags(all: readonly string[]): string[] {
  return all.flatMap((flag, index) => {
    if (KEPT_WHOLE.test(flag)) return [flag]
    const value = all[index + 1]
    return KEPT_FLAGS.test(flag) && value !== undefined ? [flag, value] : []
  })
}
