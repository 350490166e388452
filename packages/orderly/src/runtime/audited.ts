// Puts on the ledger what a person or a program asks of a running installation, before it is done, and how it ended.
import type { LedgerActor, LedgerEntry } from '../ledger/entry.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { Operations } from './operations.ts'
import type { WorkflowOperations } from './workflow-operations.ts'
import type { Rooms } from './rooms.ts'
import { workflowName } from './runs.ts'

export interface Action extends Pick<LedgerEntry, 'op' | 'action' | 'resource' | 'detail'> {
  /** Who says so, where code does it in somebody's name. */
  readonly by?: string | undefined
  /** Why, as somebody wrote it. It is sealed. */
  readonly reason?: string | undefined
}

/** The same operations, those that change something on the ledger. */
export function auditedOperations(open: () => Rooms, inner: Operations): Operations {
  return {
    ...inner,
    ...auditedWorkflows(open, inner),
    cancel: (id, options) =>
      audited(
        open,
        { op: 'job.cancel', action: 'U', resource: named('job', id), ...said(options) },
        () => inner.cancel(id, options),
      ),
    replay: (id, options) =>
      audited(open, { op: 'job.replay', action: 'C', resource: named('job', id) }, () =>
        inner.replay(id, options),
      ),
    redrive: (filter, options) =>
      audited(open, { op: 'dead-letters.redrive', action: 'E', ...said(options) }, () =>
        inner.redrive(filter, options),
      ),
    schedule: (request) =>
      audited(
        open,
        {
          op: 'schedule.write',
          action: 'U',
          resource: named(
            'schedule',
            request.id ?? ('workflow' in request ? request.workflow : request.job?.name),
          ),
          ...said(request),
        },
        () => inner.schedule(request),
      ),
    unschedule: (id) =>
      audited(open, { op: 'schedule.remove', action: 'D', resource: named('schedule', id) }, () =>
        inner.unschedule(id),
      ),
    runNow: (id, by) =>
      audited(open, { op: 'schedule.run', action: 'E', resource: named('schedule', id), by }, () =>
        inner.runNow(id, by),
      ),
    backfill: (id, range) =>
      range.plan
        ? inner.backfill(id, range)
        : audited(
            open,
            { op: 'schedule.backfill', action: 'E', resource: named('schedule', id) },
            () => inner.backfill(id, range),
          ),
    pause: (target, options) =>
      audited(
        open,
        { op: 'pause.set', action: 'U', resource: targeted(target), ...said(options) },
        () => inner.pause(target, options),
      ),
    resume: (target) =>
      audited(open, { op: 'pause.end', action: 'U', resource: targeted(target) }, () =>
        inner.resume(target),
      ),
    overrideLimit: (target, options) =>
      audited(
        open,
        { op: 'limit.override', action: 'U', resource: targeted(target), ...said(options) },
        () => inner.overrideLimit(target, options),
      ),
    resetLimit: (target) =>
      audited(open, { op: 'limit.reset', action: 'U', resource: targeted(target) }, () =>
        inner.resetLimit(target),
      ),
    drain: (queue, options) =>
      audited(open, { op: 'queue.drain', action: 'D', resource: targeted({ queue }) }, () =>
        inner.drain(queue, options),
      ),
    clean: (queue, options) =>
      audited(open, { op: 'queue.clean', action: 'D', resource: targeted({ queue }) }, () =>
        inner.clean(queue, options),
      ),
  }
}

/** What changes workflows and their runs. */
function auditedWorkflows(
  open: () => Rooms,
  inner: WorkflowOperations,
): Partial<WorkflowOperations> {
  const on =
    (kind: string) =>
    <T>(
      op: string,
      id: unknown,
      options: unknown,
      work: () => Promise<T>,
      detail?: LedgerEntry['detail'],
    ): Promise<T> =>
      audited(
        open,
        {
          op,
          action: 'E',
          resource: named(kind, id),
          ...said(options),
          ...(detail ? { detail } : {}),
        },
        work,
      )
  const [run, workflow, template] = [on('run'), on('workflow'), on('template')]
  return {
    startRun: async (given, input, options) => {
      const id = workflowName(given)
      return workflow('run.start', id, options, () => inner.startRun(id, input, options))
    },
    signalRun: (id, name, value) =>
      run('run.signal', id, undefined, () => inner.signalRun(id, name, value), {
        signal: named('signal', name).id,
      }),
    decide: (id, node, decision) =>
      run('run.decide', id, decision, () => inner.decide(id, node, decision)),
    cancelRun: (id, by) => run('run.cancel', id, { by }, () => inner.cancelRun(id, by)),
    pauseRun: (id, options) => run('run.pause', id, options, () => inner.pauseRun(id, options)),
    resumeRun: (id, by) => run('run.resume', id, { by }, () => inner.resumeRun(id, by)),
    retryRun: (id, options) => run('run.retry', id, options, () => inner.retryRun(id, options)),
    skipNode: (id, node, options) =>
      run('run.skip', id, options, () => inner.skipNode(id, node, options), {
        node: named('node', node).id,
      }),
    forkRun: (id, options) => run('run.fork', id, options, () => inner.forkRun(id, options)),
    deliverEvent: (name, payload, options) =>
      on('event')('event.send', name, options, () => inner.deliverEvent(name, payload, options)),
    saveDraft: (document, options) =>
      workflow('workflow.draft', idIn(document), options, () => inner.saveDraft(document, options)),
    dropDraft: (id) => workflow('workflow.drop-draft', id, undefined, () => inner.dropDraft(id)),
    deployWorkflow: (id, options) =>
      workflow('workflow.deploy', id, options, () => inner.deployWorkflow(id, options)),
    importTemplate: (document, options) =>
      template('template.import', idIn(document), options, () =>
        inner.importTemplate(document, options),
      ),
    forkTemplate: (id, options) =>
      template('template.fork', id, options, () => inner.forkTemplate(id, options)),
    instantiateTemplate: (id, options) =>
      template('template.use', id, options, () => inner.instantiateTemplate(id, options)),
  }
}

function idIn(document: unknown): unknown {
  return (document as { readonly id?: unknown } | null | undefined)?.id ?? 'unnamed'
}

/**
 * Does `work` once the ledger has it, and then writes how it ended. An entry that nothing follows is of a process that
 * died in between.
 *
 * @throws OrderlyError `ORDERLY_LEDGER_UNAVAILABLE`: nothing was done
 */
export async function audited<T>(
  open: () => Rooms,
  { by, reason, ...action }: Action,
  work: () => Promise<T>,
): Promise<T> {
  const { ledger } = open()
  const context = ledger.context()
  if (context?.isRecorded) return work()
  const actor: LedgerActor = context?.actor ?? {
    kind: 'program',
    id: 'program',
    ...(by === undefined || by === '' ? {} : { name: by.slice(0, 200) }),
  }
  const entry: LedgerEntry = {
    ...action,
    actor,
    ...(typeof reason === 'string' && reason !== '' ? { why: { text: reason.slice(0, 500) } } : {}),
  }
  const { id: follows } = await ledger.record({ ...entry, outcome: 'asked' })
  try {
    const done = await work()
    // It has happened, whether or not that can be written: nobody waits for it, and a loss is told to the log.
    ledger.note({ ...action, actor, outcome: 'ok', follows })
    return done
  } catch (error) {
    const code = error instanceof OrderlyError ? error.code : 'ERROR'
    const outcome = code === 'ORDERLY_FORBIDDEN' ? 'denied' : 'failed'
    await ledger
      .record({ ...action, actor, outcome, code, follows })
      // What failed says more than that it could not be written down.
      .catch(() => undefined)
    throw error
  }
}

/** What a caller without types gave may be anything: whoever does the work checks it, and here it is only written down. */
export function named(kind: string, id: unknown): { kind: string; id: string } {
  return { kind, id: String(id).slice(0, 200) }
}

function targeted(target: unknown): { kind: string; id: string; queue?: string } {
  const [kind = 'unknown', name = ''] = Object.entries(target ?? {})[0] ?? []
  const resource = named(kind, name)
  return kind === 'queue' ? { ...resource, queue: resource.id } : resource
}

function said(options: unknown): { by?: string; reason?: string } {
  const { by, reason } = (options ?? {}) as { by?: unknown; reason?: unknown }
  return {
    ...(typeof by === 'string' ? { by } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  }
}
