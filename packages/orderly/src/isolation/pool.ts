// The threads and processes of one instance: reused, replaced when they are worn, ended when they do not stop.
import type { JobContext } from '../job/context.ts'
import type { JobDefinition } from '../job/define-job.ts'
import type { HandlerModule } from '../job/handle-in.ts'
import { Verdict } from '../job/outcome.ts'
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { cannotLeave } from './cannot-leave.ts'
import { carryError, reviveError } from './carry-error.ts'
import { HandlerCrash } from './crash.ts'
import type { End, FromChild, Memory } from './messages.ts'
import { serveContext, type ContextServer } from './serve-context.ts'
import type { Child, Spawn } from './spawn.ts'

export interface Task {
  readonly job: JobDefinition
  readonly module: HandlerModule
  readonly mode: Child['mode']
  readonly context: JobContext
}

export interface Pool {
  /**
   * What the handler returned; rejects with what it threw.
   *
   * @throws HandlerCrash when what ran it died with it
   */
  run(task: Task): Promise<unknown>
  /** How many threads and processes there are. */
  size(): number
  /** Ends them all; those with work have as long as their module says. */
  close(): Promise<void>
}

interface Busy {
  readonly task: number
  readonly server: ContextServer
  readonly signal: AbortSignal
  settle(end: End | Error): void
}

/** One thread or process, and how worn it is. */
interface Member {
  readonly key: string
  readonly module: HandlerModule
  readonly child: Child
  readonly gone: Promise<void>
  jobs: number
  busy?: Busy
  /** Whether it takes no more jobs. */
  isLeaving: boolean
  disarm: () => void
}

export function openPool(
  clock: Clock,
  spawn: Spawn,
  findJob: (name: string) => JobDefinition | undefined,
): Pool {
  const members = new Set<Member>()
  let tasks = 0

  const open = (key: string, { mode, module, job }: Task): Member => {
    let gone = (): void => undefined
    const member: Member = {
      key,
      module,
      child: spawn(mode, module, job.name, {
        message: (message) => hear(member, message),
        gone(how) {
          members.delete(member)
          member.disarm()
          gone()
          const { busy } = member
          busy?.settle(endOf(how, busy.signal))
        },
      }),
      gone: new Promise((resolve) => (gone = resolve)),
      jobs: 0,
      isLeaving: false,
      disarm: () => undefined,
    }
    members.add(member)
    return member
  }

  /** Lets it end by itself, and ends it if it does not. */
  const dismiss = (member: Member): void => {
    if (member.isLeaving) return
    member.isLeaving = true
    member.disarm()
    if (!member.busy) member.child.send({ type: 'stop' })
    member.disarm = clock.after(member.module.grace, () => member.child.kill())
  }

  const rest = (member: Member, memory: Memory): void => {
    const { mostJobs, mostMemory, idle } = member.module
    const held = member.child.mode === 'process' ? memory.resident : memory.heap
    if (member.jobs >= mostJobs || held > mostMemory) dismiss(member)
    else member.disarm = clock.after(idle, () => dismiss(member))
  }

  const hear = (member: Member, message: FromChild): void => {
    const { busy } = member
    if (message.type === 'broken') {
      member.isLeaving = true
      busy?.settle(reviveError(message.error))
      return member.child.kill()
    }
    if (!busy || busy.task !== message.task) return
    if (message.type === 'ask') return busy.server.ask(message)
    if (message.type === 'tell') return busy.server.tell(message)
    if (message.type === 'performed') return busy.server.performed(message)
    busy.settle(busy.server.complaint() ?? message.end)
    if (member.isLeaving) member.child.send({ type: 'stop' })
    else rest(member, message.memory)
  }

  const work = (member: Member, { context, job }: Task): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { child, module } = member
      const { signal } = context
      const task = ++tasks
      let disarm = (): void => undefined
      const onAbort = (): void => {
        child.send({ type: 'abort', task, reason: carryError(signal.reason) })
        disarm = clock.after(module.grace, () => {
          member.isLeaving = true
          child.kill()
        })
      }
      const send: Child['send'] = (message) => {
        if (member.busy?.task === task) child.send(message)
      }
      const server = serveContext(context, send, findJob)
      member.jobs++
      member.busy = {
        task,
        server,
        signal,
        settle(end) {
          delete member.busy
          disarm()
          signal.removeEventListener('abort', onAbort)
          server.abandon(end instanceof Error ? end : ended(job))
          if (end instanceof Error) reject(end)
          else if (end.type === 'threw') reject(reviveError(end.error))
          else resolve(end.type === 'verdict' ? verdictOf(end) : end.value)
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      const { jobId: id, attempt, run, input } = context
      try {
        child.send({ type: 'run', task, job: { id, name: job.name, attempt, run, input } })
      } catch {
        member.busy.settle(cannotLeave('the input, as its schema parsed it,'))
        rest(member, { resident: 0, heap: 0 })
      }
    })

  return {
    async run(task) {
      task.context.signal.throwIfAborted()
      const key = `${task.mode} ${task.job.name}`
      const free = [...members].findLast(
        (member) => member.key === key && !member.busy && !member.isLeaving,
      )
      free?.disarm()
      return work(free ?? open(key, task), task)
    },
    size: () => members.size,
    async close() {
      const all = [...members]
      for (const member of all) dismiss(member)
      await Promise.all(all.map(({ gone }) => gone))
    },
  }
}

/** Why nothing came back: it was ended by us, never began, or died of its job. */
function endOf(how: string | undefined, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error
  if (how !== undefined) return new HandlerCrash(how)
  return new OrderlyError(
    'ORDERLY_OVERLOADED',
    'no process could be started for a handler; free memory, or allow this user more processes',
  )
}

function verdictOf({ verdict, error }: Extract<End, { type: 'verdict' }>): Verdict {
  if (!error) return new Verdict(verdict)
  return new Verdict({ ...verdict, error: reviveError(error) })
}

function ended({ name }: JobDefinition): OrderlyError {
  return new OrderlyError(
    'ORDERLY_LOCK_LOST',
    `the handler of job "${name}" ended before a step it had begun; await every step`,
  )
}
