// The recorded steps of a job: what a person may choose among, and what a job that repeats it takes over.
import type { FoundJob } from '../history/find.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { dropEffects } from '../state/effects.ts'
import { findSteps, giveSteps, type StepRow } from '../state/job-steps.ts'
import { effectPlace } from '../state/sealed-values.ts'
import type { Rooms } from './rooms.ts'

export interface RecordedStep {
  readonly name: string
  readonly kind: 'step' | 'sleep'
  /** When it was done. Milliseconds since 1970 UTC. */
  readonly at: number
  /** Which start of the job did it. */
  readonly run: number
}

/** What a job has done for good, in the order it was done. None once its content is over its time. */
export async function readSteps(rooms: Rooms, jobId: string): Promise<RecordedStep[]> {
  return (await findSteps(rooms.state, jobId)).map(({ key, at, run }) => ({
    ...named(key),
    at,
    run,
  }))
}

function named(key: string): Pick<RecordedStep, 'name' | 'kind'> {
  const end = key.indexOf('/')
  return { kind: key.slice(0, end) === 'sleep' ? 'sleep' : 'step', name: key.slice(end + 1) }
}

export interface TakenSteps {
  /** Seals them for the job that is to have them, before it can run. */
  give(id: string): Promise<void>
  /** Takes them back from a job that was not accepted after all. */
  takeBack(id: string): Promise<void>
}

/**
 * The steps that a repetition of a job takes over: those done up to `last`, and that one.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` when the job has recorded no such step
 */
export async function stepsUpTo(
  rooms: Rooms,
  { id, queue }: Pick<FoundJob, 'id' | 'queue'>,
  last: string,
): Promise<TakenSteps> {
  const all = await findSteps(rooms.state, id)
  const place = all.findIndex(({ key }) => key === `step/${last}`)
  if (place < 0)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      'this job has recorded no step of this name; choose one of its steps, or run all of it again',
    )
  const kept = all.slice(0, place + 1)
  const suite = rooms.classes.suiteOf(queue)
  const resealed = async (row: StepRow, to: string): Promise<string> => {
    const from = effectPlace(queue, `job/${id}`, row.key)
    const text = await rooms.vault.open(row.value!, from)
    return rooms.vault.seal(text, effectPlace(queue, `job/${to}`, row.key), suite)
  }
  return {
    async give(to) {
      const steps = await Promise.all(
        kept.map(async (row) => ({ key: row.key, at: row.at, value: await resealed(row, to) })),
      )
      await giveSteps(rooms.state, { id: to, queue }, steps)
    },
    takeBack: (to) => dropEffects(rooms.state, [to]),
  }
}
