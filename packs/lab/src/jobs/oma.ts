// The jobs of the oma queue: data files of machines, quality control, and the LIMS.
import { clear, defineJob, exponential, phi } from 'orderly'
import { z } from 'zod'

const id = z.string().min(1).max(100)
const common = {
  queue: 'oma',
  timeout: '1m',
  retry: { attempts: 3, backoff: exponential('5s') },
} as const
const number = z.number().min(-1_000).max(1_000)

/** Reads a data file and says whether the order in it can be made. */
export const dcsImport = defineJob({
  ...common,
  name: 'lab.oma.import',
  input: z.object({ labId: clear(id), file: phi.of('text', z.base64().max(6_000_000)) }),
  output: z.object({
    job: clear(z.string().nullable()),
    problems: clear(z.array(z.string())),
    findings: clear(z.array(z.string())),
    traces: clear(z.int()),
  }),
})

/** Writes the data file of an order and keeps it, sealed. */
export const dcsExport = defineJob({
  ...common,
  name: 'lab.oma.export',
  input: z.object({ orderId: id }),
  output: z.object({ key: z.string(), bytes: z.int() }),
})

const reading = z.object({
  sphere: number,
  cylinder: number,
  axis: z.number().min(0).max(180).nullable(),
  add: number.nullable(),
  /** Null when nothing was read, empty when it was read that there is none. */
  prism: z
    .array(z.object({ amount: z.number().min(0).max(60), base: z.number().min(0).max(360) }))
    .max(2)
    .nullable(),
  segmentHeight: number.nullable(),
  segmentTilt: number.nullable(),
  segmentWidth: number.nullable().default(null),
  baseCurve: number.nullable(),
  centreThickness: number.nullable(),
})

/** What was ordered of a lens beside its prescription; what is named here must be measured. */
const targets = z.object({
  baseCurve: number.optional(),
  centreThickness: number.optional(),
  segmentWidth: number.optional(),
})

/** Compares what the lensmeter read with the order, and moves the order on, or back to production. */
export const qualityCheck = defineJob({
  ...common,
  name: 'lab.oma.quality-check',
  input: z.object({
    orderId: clear(id),
    od: phi.of('text', reading),
    os: phi.of('text', reading),
    targets: phi.of(
      'text',
      z.object({ od: targets.optional(), os: targets.optional() }).optional(),
    ),
  }),
  output: z.object({
    passed: clear(z.boolean()),
    table: clear(z.string()),
    failed: clear(z.array(z.string())),
    /** Those of them that were ordered and nobody has measured. */
    unmeasured: clear(z.array(z.string())),
  }),
  evidence: 'required',
})

/** Hands an order to the LIMS, once. */
export const limsSubmit = defineJob({
  ...common,
  name: 'lab.oma.lims-submit',
  input: z.object({ orderId: id }),
  output: z.object({
    state: z.enum(['submitted', 'already', 'closed', 'no-lims']),
    limsJob: z.string().nullable(),
  }),
  retry: { attempts: 8, backoff: exponential('10s') },
})

export const OMA_JOBS = { dcsImport, dcsExport, qualityCheck, limsSubmit }
