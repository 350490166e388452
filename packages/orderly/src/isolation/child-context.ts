// The child's half of `ctx`: looks like any other, and asks the parent for everything.
import type { JobContext, Services } from '../job/context.ts'
import type { ServiceDefinition } from '../job/define-service.ts'
import type { Logger } from '../job/logger.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { cannotLeave } from './cannot-leave.ts'
import { carryError, reviveError } from './carry-error.ts'
import type { Asked, CarriedJob, FromChild, Told, ToChild } from './messages.ts'

export interface ChildContext {
  readonly context: JobContext
  /** What the parent said of this task. */
  hear(message: ToChild): void
}

type Work = () => unknown

export function openChildContext(
  task: number,
  job: CarriedJob,
  services: Services,
  send: (message: FromChild) => void,
): ChildContext {
  const stop = new AbortController()
  const waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void; work?: Work }
  >()
  let calls = 0

  const ask = <T>(what: Asked, values: readonly unknown[], work?: Work): Promise<T> =>
    new Promise((resolve, reject) => {
      const call = ++calls
      waiting.set(call, {
        resolve: resolve as (value: unknown) => void,
        reject,
        ...(work ? { work } : {}),
      })
      try {
        send({ type: 'ask', task, call, what, values })
      } catch {
        waiting.delete(call)
        reject(cannotLeave(`what ctx.${what} was given`))
      }
    })
  const tell = (what: Told, values: readonly unknown[]): void =>
    send({ type: 'tell', task, what, values })

  const log = (level: keyof Logger): Logger['info'] => {
    return (fields, message) => {
      try {
        tell('log', [level, fields, message])
      } catch {
        tell('log', [level, { fields: Object.keys(fields) }, message])
      }
    }
  }

  const perform = async (call: number, work: Work): Promise<void> => {
    try {
      const value = JSON.stringify(await work())
      send({ type: 'performed', task, call, ...(value === undefined ? {} : { value }) })
    } catch (error) {
      send({ type: 'performed', task, call, error: carryError(error) })
    }
  }

  return {
    context: {
      jobId: job.id,
      attempt: job.attempt,
      run: job.run,
      input: job.input,
      signal: stop.signal,
      services,
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      evidence: {
        check: (name, passed) => tell('check', [name, passed]),
        attach: (name, value) => tell('attach', [name, asJson(value)]),
      },
      heartbeat: () => tell('heartbeat', []),
      progress: (share, step) => ask('progress', [share, step]),
      step: (name, fn) => ask('step', [name], fn),
      once: (key, fn, options) => ask('once', [key, options], fn),
      async call<T>(service: ServiceDefinition, fn: () => T | Promise<T>): Promise<T> {
        let result!: T
        // What a service answers need not leave the child.
        await ask('call', [{ ...service }], async () => {
          result = await fn()
          return null
        })
        return result
      },
      checkpoint: async (value) => ask('checkpoint', [asJson(value)]),
      lastCheckpoint: () => ask('lastCheckpoint', []),
      sleep: (name, duration) => ask('sleep', [name, duration]),
      async enqueue(next, input, options) {
        refuseTransaction(options)
        return ask('enqueue', [next?.name, input, options])
      },
      async enqueueMany(next, items) {
        // What is no list, or no item, the instance that runs the handler refuses.
        if (Array.isArray(items)) for (const item of items) refuseTransaction(item?.options)
        return ask('enqueueMany', [next?.name, items])
      },
    },
    hear(message) {
      if (message.type === 'abort') stop.abort(reviveError(message.reason))
      if (message.type === 'perform') {
        const work = waiting.get(message.call)?.work
        if (work) void perform(message.call, work)
      }
      if (message.type === 'answer') {
        const call = waiting.get(message.call)
        waiting.delete(message.call)
        if (message.error) call?.reject(reviveError(message.error))
        else call?.resolve(message.value)
      }
    },
  }
}

/** As it will be stored. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null') as unknown
}

function refuseTransaction(options: { readonly transaction?: unknown } | undefined): void {
  if (options?.transaction === undefined) return
  throw new OrderlyError(
    'ORDERLY_NOT_SUPPORTED',
    'a transaction cannot leave the thread or process it is in; enqueue without it, or run the job with isolation: "inline"',
  )
}
