// Plays workflows and schedules ahead of time, by the jobs and schedules that are known here.
import { jobSchemas } from '../job/json-schema.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { blackoutOf, slotsAfter } from '../schedule/spec.ts'
import { workflowDocument, type WorkflowDocument } from '../workflow/document.ts'
import { simulate, type Simulation, type SimulationOptions } from '../workflow/simulate.ts'
import { tryStep, type TriedStep, type TryOptions } from '../workflow/try-step.ts'
import type { Rooms } from './rooms.ts'
import { readSchedules } from './schedules.ts'
import { checkWorkflow, findWorkflow, WHOLE_SIGHT, type Sight } from './workflow-store.ts'

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` for a document that cannot run */
export async function simulateWorkflow(
  rooms: Rooms,
  document: unknown,
  options: SimulationOptions = {},
  sight: Sight = WHOLE_SIGHT,
): Promise<Simulation> {
  const checked = await checkWorkflow(rooms, document, sight)
  if (!checked.valid)
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      `the workflow cannot run: ${checked.findings[0]!.message}`,
    )
  const inner = await innerWorkflows(rooms, checked.document)
  return simulate(
    checked.document,
    { start: rooms.clock.now(), ...options },
    {
      outputOf: (name) => outputSchema(rooms, name, sight),
      workflow: (id, version) => inner.get(`${id}@${version ?? ''}`),
    },
  )
}

/**
 * What one step of a document would be given.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` for what does not look like a document, `ORDERLY_NOT_FOUND` for a
 *   node it does not have
 */
export function tryWorkflowStep(
  rooms: Rooms,
  document: unknown,
  node: string,
  options: TryOptions = {},
  sight: Sight = WHOLE_SIGHT,
): TriedStep {
  const parsed = workflowDocument.safeParse(document)
  if (!parsed.success) {
    const [first] = parsed.error.issues
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      `mend this first: ${first!.path.map(String).join('.')}: ${first!.message}`,
    )
  }
  if (!Object.hasOwn(parsed.data.nodes, node))
    throw new OrderlyError('ORDERLY_NOT_FOUND', 'the document has no node of this name')
  return tryStep(parsed.data, node, options, (job) => outputSchema(rooms, job, sight))
}

function outputSchema(rooms: Rooms, name: string, sight: Sight): unknown {
  const job = rooms.registry.jobs.get(name)
  return job && sight.job(job) ? jobSchemas(job).output : undefined
}

const MOST_INNER = 100

/** The workflows that a document runs, and those that these run. */
async function innerWorkflows(
  rooms: Rooms,
  document: WorkflowDocument,
): Promise<Map<string, WorkflowDocument>> {
  const found = new Map<string, WorkflowDocument>()
  const open = [document]
  for (let at = open.pop(); at && found.size < MOST_INNER; at = open.pop())
    for (const node of Object.values(at.nodes)) {
      if (node.type !== 'sub-workflow') continue
      const key = `${node.workflow}@${node.version ?? ''}`
      if (found.has(key)) continue
      const inner = await findWorkflow(rooms, node.workflow, node.version).catch(() => undefined)
      if (!inner) continue
      found.set(key, inner)
      open.push(inner)
    }
  return found
}

export interface SimulatedSlot {
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  readonly schedule: string
  /** The kind of job, or the workflow, that it begins. */
  readonly job: string | null
  readonly workflow: string | null
  readonly shift?: 'gap' | 'overlap'
  /** Why it would be left out. */
  readonly skipped?: string
}

export interface ScheduleSimulation {
  readonly slots: readonly SimulatedSlot[]
  /** Whether there are more than are listed. */
  readonly more: boolean
}

const MOST_SLOTS = 50_000

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` for a range that does not go forward */
export async function simulateSchedules(
  rooms: Rooms,
  { from, to }: { readonly from: Date; readonly to: Date },
): Promise<ScheduleSimulation> {
  const [first, last] = [from.getTime(), to.getTime()]
  if (!(first < last))
    throw new OrderlyError('ORDERLY_INPUT_INVALID', 'a simulation goes from a time to a later one')
  const slots: SimulatedSlot[] = []
  let more = false
  for (const { id, job, workflow, spec, paused } of await readSchedules(rooms)) {
    let count = 0
    for (const slot of slotsAfter(spec, first - 1)) {
      if (slot.at >= last) break
      if (++count > MOST_SLOTS) {
        more = true
        break
      }
      const isPaused = paused && (paused.until === null || slot.at < paused.until)
      const blackout = blackoutOf(spec, slot.at)
      const skipped = isPaused
        ? `paused: ${paused.reason}`
        : blackout === undefined
          ? undefined
          : `blackout: ${blackout}`
      slots.push({
        at: slot.at,
        schedule: id,
        job,
        workflow,
        ...(slot.shift ? { shift: slot.shift } : {}),
        ...(skipped === undefined ? {} : { skipped }),
      })
    }
  }
  slots.sort((a, b) => a.at - b.at || (a.schedule < b.schedule ? -1 : 1))
  return { slots: slots.slice(0, MOST_SLOTS), more: more || slots.length > MOST_SLOTS }
}
