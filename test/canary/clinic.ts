// Jobs full of PHI that end in every way a job can.
import { clear, defineJob, fail, fixed, handle, phi, type OrderlyOptions } from 'orderly'
import { z } from 'zod'

export const visit = defineJob({
  name: 'visit',
  queue: 'clinic',
  input: z.object({
    patient: phi.name(),
    mrn: phi.mrn(),
    note: z.string(),
    how: clear(z.string()),
    contact: z.union([phi.email(), z.object({ phone: phi.phone().optional() })]),
  }),
  output: z.object({ summary: z.string(), code: clear(z.string()) }),
  retry: { attempts: 2, backoff: fixed('1ms') },
  timeout: '5s',
  searchable: ['mrn', 'how'],
})
export const quick = defineJob({
  name: 'quick',
  queue: 'clinic',
  input: z.object({ patient: phi.name() }),
  timeout: '20ms',
  retry: { attempts: 1 },
})

export const CLINIC: Pick<OrderlyOptions, 'jobs' | 'handlers'> = {
  jobs: [visit, quick],
  handlers: [
    handle(visit, async (ctx) => {
      const { how, note, patient } = ctx.input
      ctx.log.info({ patient, note }, `seeing ${patient}`)
      await ctx.progress(0.5, note)
      if (how === 'fail') throw new Error(`cannot see ${patient}`, { cause: new Error(note) })
      if (how === 'parse') JSON.parse(patient)
      if (how === 'fail-for-good') return fail(Object.assign(new Error(patient), { detail: note }))
      if (how === 'retry' && ctx.attempt === 1) throw new Error(`not yet, ${patient}`)
      if (how === 'hang') await new Promise(() => undefined)
      if (how === 'wrong-output') return { summary: 7 as never, code: patient, [patient]: 1 }
      return { summary: `${patient}: ${note}`, code: 'ok' }
    }),
    handle(quick, async () => new Promise(() => undefined)),
  ],
}

/** The ways of `visit` that come to an end. */
export const WAYS = ['succeed', 'fail', 'parse', 'fail-for-good', 'retry', 'wrong-output'] as const

/** An input of PHI, each value of it a token. */
export function visitInput(how: string, token: (name: string) => string) {
  return {
    patient: token(`patient ${how}`),
    mrn: token(`mrn ${how}`),
    note: token(`note ${how}`),
    how,
    contact: { phone: token(`phone ${how}`) },
  }
}
