// Which actions a run and its steps allow as they stand. The server decides; this keeps from offering what it refuses.
import type { AnswerOf } from '../../api/call.ts'

export type Run = AnswerOf<'runs.get'>
export type RunStep = Run['nodes'][number]

/** How a step stands, as people call it: what asks a person, waits or rests does not run. */
export function standOf({
  state,
  waitsFor,
  dueAt,
  jobId,
  child,
  items,
}: Pick<RunStep, 'state' | 'waitsFor' | 'dueAt' | 'jobId' | 'child' | 'items'>): string {
  if (state !== 'running') return state
  if (waitsFor === 'approval' || waitsFor === 'escalation') return 'approval'
  if (waitsFor === 'retry') return 'retrying'
  if (waitsFor !== null) return 'waiting'
  const works = jobId !== null || child !== null || items !== undefined
  return dueAt !== null && !works ? 'delayed' : state
}

/** How a run stands: one that only goes on when a person has decided waits for that person. */
export function runStand({ state, nodes }: Pick<Run, 'state' | 'nodes'>): string {
  if (state !== 'running') return state
  const stands = new Set(nodes.filter(({ endedAt }) => endedAt === null).map(standOf))
  return stands.has('approval') && !stands.has('running') ? 'approval' : state
}

export function isOver({ state }: Pick<Run, 'state'>): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled'
}

export function canPause({ state }: Pick<Run, 'state'>): boolean {
  return state === 'running'
}

export function canResume({ state }: Pick<Run, 'state'>): boolean {
  return state === 'paused'
}

export function canRetry({ state }: Pick<Run, 'state'>): boolean {
  return state === 'failed'
}

/** Whether a run may go on without a step: one that has failed, runs or waits. */
export function isSkippable(
  run: Pick<Run, 'state'>,
  { state, endedAt }: Pick<RunStep, 'state' | 'endedAt'>,
): boolean {
  if (run.state === 'completed' || run.state === 'cancelled') return false
  return endedAt === null || state === 'failed'
}

/** The steps a run may go on without, those that have not begun among them. */
export function skippableSteps(
  run: Pick<Run, 'state' | 'nodes'>,
  steps: readonly string[],
): readonly string[] {
  if (run.state === 'completed' || run.state === 'cancelled') return []
  const begun = new Map(run.nodes.map((step) => [step.node, step]))
  return steps.filter((name) => {
    const step = begun.get(name)
    return step === undefined || isSkippable(run, step)
  })
}

/** The names of the signals that steps wait for now, or one of them. */
export function signalsOf(run: Pick<Run, 'nodes'>, step?: string): readonly string[] {
  const names = run.nodes
    .filter(({ node, endedAt }) => endedAt === null && (step === undefined || node === step))
    .flatMap(({ waitsFor }) => (waitsFor?.startsWith('signal/') ? [waitsFor.slice(7)] : []))
  return [...new Set(names)]
}

/** Whether a step asks a person to decide. */
export function asksForDecision({ waitsFor, endedAt }: RunStep): boolean {
  return endedAt === null && (waitsFor === 'approval' || waitsFor === 'escalation')
}
