// The jobs of a made-up clinic: refills, lab orders, reports. Everything in them is synthetic.
import { z } from 'zod'
import { clear, defineJob, exponential, fixed, handle, phi } from '../../index.ts'
import type { Clock } from '../../primitives/clock.ts'
import type { Handler } from '../../job/handler.ts'
import type { JobDefinition } from '../../job/define-job.ts'
import type { WorkflowDocument } from '../../workflow/document.ts'
import type { WorkflowTemplate } from '../../workflow/template.ts'

const refillCheck = defineJob({
  name: 'medication.refill-check',
  queue: 'medication',
  input: z.object({
    patient: phi.name(),
    mrn: phi.mrn(),
    clinicId: clear(z.string()),
    daysLeft: clear(z.number().int()),
  }),
  output: z.object({ critical: clear(z.boolean()) }),
  searchable: ['mrn', 'clinicId'],
  retry: { attempts: 3, backoff: fixed('20s') },
  timeout: '1m',
  priority: 'high',
  evidence: 'required',
  critical: true,
})

const reminder = defineJob({
  name: 'medication.reminder',
  queue: 'medication',
  input: z.object({ patient: phi.name(), phone: phi.phone(), clinicId: clear(z.string()) }),
  searchable: ['clinicId'],
  retry: { attempts: 4, backoff: exponential('5s') },
})

const labOrder = defineJob({
  name: 'lab.import-order',
  queue: 'lab',
  input: z.object({ orderId: z.string(), urgent: z.boolean().default(false) }),
  output: z.object({ lines: z.number() }),
  searchable: ['orderId'],
  retry: { attempts: 2, backoff: fixed('30s') },
})

const report = defineJob({
  name: 'reports.monthly',
  queue: 'reports',
  input: z.object({ month: z.string(), pages: z.number().int().min(1).max(400) }),
  output: z.object({ pages: z.number() }),
  retry: { attempts: 2, backoff: fixed('1m') },
  timeout: '10m',
})

const priceFile = defineJob({
  name: 'prices.load-file',
  queue: 'prices',
  input: z.object({ hospital: z.string(), url: z.string() }),
  output: z.object({ rows: z.number() }),
  retry: { attempts: 3, backoff: exponential('10s') },
  concurrency: { limit: 4 },
})

const publish = defineJob({
  name: 'prices.publish',
  queue: 'prices',
  input: z.object({ hospital: z.string(), rows: z.number() }),
})

export const CLINIC_JOBS: readonly JobDefinition<any, any>[] = [
  refillCheck,
  reminder,
  labOrder,
  report,
  priceFile,
  publish,
]

/** One of them by its name. */
export function clinicJob(name: string): JobDefinition<any, any> {
  return CLINIC_JOBS.find((job) => job.name === name)!
}

export const PRICE_REFRESH: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'price_refresh',
  version: 1,
  title: 'Refresh and publish prices',
  input: {
    type: 'object',
    properties: { hospital: { type: 'string', default: 'Example General' } },
    required: ['hospital'],
  },
  start: 'load',
  nodes: {
    load: {
      type: 'job',
      job: 'prices.load-file',
      input: { hospital: 'input.hospital', url: '"https://example.org/prices.csv"' },
    },
    settle: { type: 'delay', for: '5s' },
    review: { type: 'approval', who: ['operator'], question: 'Publish these prices?' },
    publish: {
      type: 'job',
      job: 'prices.publish',
      input: { hospital: 'input.hospital', rows: 'steps.load.output.rows' },
    },
  },
  edges: [
    { from: 'load', to: 'settle' },
    { from: 'settle', to: 'review' },
    { from: 'review', to: 'publish' },
  ],
}

/** A workflow of the clinic with what differs between hospitals left open. */
export const PRICE_TEMPLATE: WorkflowTemplate = {
  format: 'orderly.template/1',
  id: 'price-file',
  version: 1,
  title: 'Load a price file',
  description: 'Loads the file of one hospital, and publishes it once somebody has approved.',
  parameters: {
    hospital: { type: 'string', title: 'Hospital' },
    url: {
      type: 'string',
      title: 'Address of the file',
      default: 'https://example.org/prices.csv',
    },
    wait: { type: 'string', title: 'Wait before asking', default: '5s', enum: ['5s', '1m', '1h'] },
  },
  document: {
    title: 'Load a price file',
    start: 'load',
    nodes: {
      load: {
        type: 'job',
        job: 'prices.load-file',
        input: { hospital: 'params.hospital', url: 'params.url' },
      },
      settle: { type: 'delay', for: { $param: 'wait' } },
      review: { type: 'approval', who: ['operator'], question: 'Publish these prices?' },
      publish: {
        type: 'job',
        job: 'prices.publish',
        input: { hospital: 'params.hospital', rows: 'steps.load.output.rows' },
      },
    },
    edges: [
      { from: 'load', to: 'settle' },
      { from: 'settle', to: 'review' },
      { from: 'review', to: 'publish' },
    ],
  },
  provenance: { author: 'the made-up clinic' },
}

/** Handlers that work, fail and take their time as real ones do. */
export function clinicHandlers(clock: Clock): readonly Handler[] {
  return [
    handle(refillCheck, async ({ input, evidence, log, signal }) => {
      log.info({}, 'reading the supply')
      await clock.sleep(300, signal)
      evidence.check('the supply was read', true)
      if (input.daysLeft % 9 === 0) throw new PharmacyError('the pharmacy did not answer')
      evidence.check('the threshold was compared', true)
      return { critical: input.daysLeft < 4 }
    }),
    handle(reminder, async ({ signal }) => {
      await clock.sleep(120, signal)
    }),
    handle(labOrder, async ({ attempt, input, log, signal }) => {
      log.info({}, 'asking the laboratory')
      await clock.sleep(400, signal)
      // It is away at first and knows no such order then: two attempts that fail at two places.
      if (input.orderId.endsWith('7') && attempt === 1) throw askAgain()
      if (/[37]$/.test(input.orderId)) {
        log.error({}, 'the laboratory knows no such order')
        throw new LabError('no such order')
      }
      return { lines: 3 }
    }),
    handle(report, async ({ input, progress, signal }) => {
      for (let page = 1; page <= input.pages; page++) {
        await clock.sleep(250, signal)
        signal.throwIfAborted()
        await progress(page / input.pages, 'drawing pages')
      }
      return { pages: input.pages }
    }),
    handle(priceFile, async ({ input, log, signal, step }) => {
      log.info({}, 'downloading the file')
      await step('download', () => clock.sleep(400, signal))
      log.info({}, 'checking its layout')
      await step('check', () => clock.sleep(300, signal))
      if (input.url.endsWith('.xls')) throw new TypeError('the workbook is damaged')
      return step('load', () => ({ rows: 1_200 + input.hospital.length * 17 }))
    }),
    handle(publish, async ({ signal }) => {
      await clock.sleep(200, signal)
    }),
  ]
}

function askAgain(): Error {
  return new LabError('the laboratory does not answer')
}

class PharmacyError extends Error {
  override readonly name = 'PharmacyError'
}

class LabError extends Error {
  override readonly name = 'LabError'
}
