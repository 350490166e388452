// Steps, effects, checkpoints and sleep: what an attempt leaves behind for those that come after it.
import type { JobContext, OnceOptions } from '../job/context.ts'
import { keyText } from '../job/keyed-options.ts'
import { checkOneOf } from '../job/option-checks.ts'
import { EffectBusy } from '../job/held-back.ts'
import { refuseTooLarge } from '../job/largest.ts'
import { Suspension } from '../job/outcome.ts'
import { recordIdOf } from '../job/record-id.ts'
import { findJob } from '../history/find.ts'
import { milliseconds } from '../primitives/duration.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import {
  abandonEffect,
  beginEffect,
  findEffect,
  finishEffect,
  raiseFence,
  replaceEffect,
  type Effect,
  type StoredEffect,
} from '../state/effects.ts'
import { effectPlace } from '../state/sealed-values.ts'
import type { Attempt } from './attempt.ts'
import type { Rooms } from './rooms.ts'

type Effects = Pick<JobContext, 'step' | 'once' | 'checkpoint' | 'lastCheckpoint' | 'sleep'>

const ONCE = namesOf<OnceOptions>({ unsure: true })
const UNSURE = ['again', 'refuse'] as const
const LONGEST_NAME = 200
/** Waits this short are waited out in the slot: putting a job aside costs more. */
const SHORT_SLEEP_MS = 1_000

export function openEffects(attempt: Attempt, rooms: Rooms): Effects {
  const { state, clock } = rooms
  const { queue } = attempt.job
  const jobId = recordIdOf(queue, attempt.id)
  const own = `job/${jobId}`
  let fenced: Promise<void> | undefined
  /** Steps and sleeps that this attempt has begun and that have not failed. */
  const begun = new Set<string>()

  /** Once in an attempt: from here on no earlier one writes. */
  const takeFence = (): Promise<void> =>
    (fenced ??= raiseFence(state, jobId, attempt.run).then((mine) => {
      if (!mine) throw overtaken(attempt)
    }))
  const effectOf = (scope: string, key: string): Effect => ({
    scope,
    key,
    jobId,
    queue,
    run: attempt.run,
  })
  const seal = async (value: unknown, { scope, key }: Effect): Promise<string> => {
    const text = JSON.stringify(value) ?? 'null'
    refuseTooLarge(text, 'the result of a step or checkpoint')
    return rooms.vault.seal(text, effectPlace(queue, scope, key), rooms.classes.suiteOf(queue))
  }
  const open = async <T>(value: string, { scope, key }: Effect): Promise<T> => {
    return JSON.parse(await rooms.vault.open(value, effectPlace(queue, scope, key))) as T
  }

  const perform = async <T>(
    effect: Effect,
    fn: () => T | Promise<T>,
    unsure: 'again' | 'refuse',
  ): Promise<T> => {
    attempt.end.refuse()
    await takeFence()
    attempt.end.refuse()
    const before = unsure === 'refuse' ? await findEffect(state, effect) : undefined
    if (before?.state === 'begun' && before.job_id === jobId) throw unsureOf(attempt)
    let found = await beginEffect(state, effect, clock.now())
    if (isOfAnother(found, jobId) && (await hasEnded(rooms, found.job_id))) {
      // Whoever began it will never end it.
      if (unsure === 'refuse') throw unsureOf(attempt)
      await abandonEffect(state, { ...effect, jobId: found.job_id, run: found.run })
      found = await beginEffect(state, effect, clock.now())
    }
    if (found === 'fenced') throw overtaken(attempt)
    if (found !== 'taken') {
      if (found.state === 'done') return open<T>(found.value!, effect)
      if (found.job_id === jobId) throw overtaken(attempt)
      throw new EffectBusy()
    }
    let value: T
    try {
      value = await fn()
    } catch (error) {
      // It said that it did not happen; whoever cannot know lets its own process die instead.
      if (unsure === 'again') await abandonEffect(state, effect)
      throw error
    }
    let sealed: string
    try {
      sealed = await seal(value, effect)
    } catch (error) {
      if (unsure === 'again') await abandonEffect(state, effect)
      throw error
    }
    if (!(await finishEffect(state, effect, sealed, clock.now()))) throw overtaken(attempt)
    // As later attempts will get it: what JSON cannot carry must not work the first time only.
    return JSON.parse(JSON.stringify(value) ?? 'null') as T
  }

  /** What is the job's own and has a name: nothing else in this attempt may have it, too. */
  const performOnce = async <T>(key: string, fn: () => T | Promise<T>): Promise<T> => {
    if (begun.has(key)) throw twice(attempt.job.name)
    begun.add(key)
    try {
      return await perform(effectOf(own, key), fn, 'again')
    } catch (error) {
      begun.delete(key)
      throw error
    }
  }

  return {
    async step(name, fn) {
      checkStep(name)
      return performOnce(`step/${name}`, fn)
    },
    async once<T>(key: unknown, fn: () => T | Promise<T>, options: OnceOptions = {}) {
      // A misspelt one would do again what must not be done twice.
      refuseUnknown('once', options, ONCE, 'ORDERLY_DEFINITION_INVALID')
      const { unsure = 'again' } = options
      checkOneOf('once: unsure', unsure, UNSURE)
      const text = keyText(key)
      const name = await rooms.vault.blindIndex(`once/${attempt.job.name}`, text)
      return perform(effectOf(`once/${attempt.job.name}`, name), fn, unsure)
    },
    async checkpoint(value) {
      attempt.end.refuseUnlessStopping()
      await takeFence()
      attempt.alive()
      const effect = effectOf(own, 'checkpoint')
      const sealed = await seal(value, effect)
      if (!(await replaceEffect(state, effect, sealed, clock.now()))) throw overtaken(attempt)
    },
    async lastCheckpoint<T>() {
      const effect = effectOf(own, 'checkpoint')
      const found = await findEffect(state, effect)
      return found?.value ? open<T>(found.value, effect) : undefined
    },
    async sleep(name, duration) {
      checkStep(name)
      const until = await performOnce(`sleep/${name}`, () => clock.now() + milliseconds(duration))
      const left = until - clock.now()
      if (left <= 0) return
      if (left > SHORT_SLEEP_MS) throw new Suspension(until)
      await clock.sleep(left, attempt.stop.signal)
      attempt.stop.signal.throwIfAborted()
    },
  }
}

function isOfAnother(
  found: StoredEffect | 'taken' | 'fenced',
  jobId: string,
): found is StoredEffect {
  return typeof found === 'object' && found.state === 'begun' && found.job_id !== jobId
}

async function hasEnded(rooms: Rooms, jobId: string): Promise<boolean> {
  await rooms.recorder.flush()
  const job = await findJob(rooms.history, jobId)
  return !job || job.finished_at !== null
}

function checkStep(name: string): string {
  if (typeof name === 'string' && name.length > 0 && name.length <= LONGEST_NAME) return name
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `a step is named by 1 to ${LONGEST_NAME} characters, and the name holds nothing of the input`,
  )
}

function twice(job: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `the handler of job "${job}" uses one name for two steps or two sleeps, and the second would get the result of the first; number them`,
  )
}

/** A later run has the job: what this one does besides is for nothing, and it is told to stop. */
function overtaken({ id, stop }: Attempt): OrderlyError {
  const error = new OrderlyError(
    'ORDERLY_LOCK_LOST',
    `job ${id} was taken over by a later run; what this one does is not recorded any more`,
  )
  stop.abort(error)
  return error
}

function unsureOf(attempt: Attempt): OrderlyError {
  return new OrderlyError(
    'ORDERLY_EFFECT_UNSURE',
    `an earlier attempt of job ${attempt.id} began this effect and did not record its end; look whether it happened, then replay the job`,
  )
}
