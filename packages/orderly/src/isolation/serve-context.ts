// The parent's half of `ctx`: what a handler in a thread or process asks for is done here, where keys and stores are.
import type { JobContext } from '../job/context.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { Logger } from '../job/logger.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { carryError, reviveError } from './carry-error.ts'
import type { FromChild, ToChild } from './messages.ts'

type Ask = Extract<FromChild, { type: 'ask' }>
type Tell = Extract<FromChild, { type: 'tell' }>
type Performed = Extract<FromChild, { type: 'performed' }>

export interface ContextServer {
  ask(message: Ask): void
  tell(message: Tell): void
  performed(message: Performed): void
  /** What was wrong with something that nobody waited for. */
  complaint(): Error | undefined
  /** Nobody performs any more what was begun. */
  abandon(error: Error): void
}

export function serveContext(
  context: JobContext,
  send: (message: ToChild) => void,
  findJob: (name: string) => JobDefinition | undefined,
): ContextServer {
  const performing = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >()
  let complaint: Error | undefined

  /** The function of a step, which stays in the child: it is called there and its result comes back. */
  const perform =
    ({ task, call }: Ask) =>
    (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        performing.set(call, { resolve, reject })
        send({ type: 'perform', task, call })
      })

  const answer = async (ask: Ask): Promise<unknown> => {
    const [first, second, third] = ask.values as [never, never, never]
    switch (ask.what) {
      case 'progress':
        return context.progress(first, second)
      case 'step':
        return context.step(first, perform(ask))
      case 'once':
        return context.once(first, perform(ask), second)
      case 'call':
        return context.call(first, perform(ask))
      case 'checkpoint':
        return context.checkpoint(first)
      case 'lastCheckpoint':
        return context.lastCheckpoint()
      case 'sleep':
        return context.sleep(first, second)
      case 'enqueue':
        return context.enqueue(definition(first), second, third)
      case 'enqueueMany':
        return context.enqueueMany(definition(first), second)
    }
  }
  const definition = (name: string): JobDefinition => {
    const job = findJob(name)
    if (job) return job
    throw new OrderlyError(
      'ORDERLY_JOB_UNKNOWN',
      'a handler enqueued a job that the instance which runs it does not know; add it to "jobs" of createOrderly',
    )
  }

  return {
    ask(message) {
      const { task, call } = message
      answer(message).then(
        (value) => send({ type: 'answer', task, call, value }),
        (error: unknown) => send({ type: 'answer', task, call, error: carryError(error) }),
      )
    },
    tell({ what, values }) {
      const [first, second, third] = values as [never, never, never]
      try {
        if (what === 'heartbeat') context.heartbeat()
        else if (what === 'log') context.log[first as keyof Logger](second, third)
        else if (what === 'check') context.evidence.check(first, second)
        else context.evidence.attach(first, second)
      } catch (error) {
        complaint ??= error as Error
      }
    },
    performed({ call, value, error }) {
      const waiting = performing.get(call)
      performing.delete(call)
      if (error) waiting?.reject(reviveError(error))
      else waiting?.resolve(value === undefined ? undefined : JSON.parse(value))
    },
    complaint: () => complaint,
    abandon(error) {
      for (const { reject } of performing.values()) reject(error)
      performing.clear()
    },
  }
}
