// One of each thing that the examples of the operations name, in a world with a patient in it.
import { EXAMPLE_IDS } from '../../packages/orderly/src/http/contract.ts'
import { ask, CANARY, CANARY_MRN, renderPdf, sendMail, type World } from './world.ts'

/** @returns real ids by the names of those in examples */
export async function seed(
  world: World,
): Promise<Partial<Record<keyof typeof EXAMPLE_IDS, string>>> {
  const { orderly } = world
  await orderly.start({ queues: ['mail', 'pdf'] })
  const failed = await orderly.enqueue(sendMail, {
    patient: CANARY,
    mrn: CANARY_MRN,
    clinicId: 'broken',
  })
  await orderly.enqueue(sendMail, { patient: CANARY, mrn: CANARY_MRN, clinicId: 'north' })
  await orderly.enqueue(renderPdf, { orderId: -1 })
  const { id: failedRun } = await orderly.startRun('broken', {})
  await orderly.whenIdle()
  while ((await orderly.run(failedRun))?.state === 'running') await orderly.clock.sleep(20)
  await orderly.quiet()
  const delayed = await orderly.enqueue(renderPdf, { orderId: 8 }, { delay: '1h' })
  const waiting = await orderly.enqueue(sendMail, {
    patient: CANARY,
    mrn: CANARY_MRN,
    clinicId: 'north',
  })
  await orderly.schedule({
    id: EXAMPLE_IDS.schedule,
    job: renderPdf,
    input: { orderId: 1 },
    spec: { cron: '0 2 * * *' },
  })
  const { id: run } = await orderly.startRun(EXAMPLE_IDS.workflow, { orderId: 7 })
  const view = await ask(world, 'POST', '/api/v1/views', {
    body: { page: 'jobs', name: 'All', query: '' },
  })
  const plan = await ask(world, 'POST', '/api/v1/bulk', {
    body: { action: 'retry', q: `id:${failed.id}`, reason: 'for the examples' },
  })
  const { webhook } = await orderly.webhooks.create({
    name: 'Pager',
    url: 'https://pager.example/hook',
    filter: { types: ['job.failed'] },
  })
  const delivery = await orderly.webhooks.test(webhook.id)
  const told = await orderly.notifications.notify({
    to: 'u_all',
    key: 'example',
    kind: 'example',
    title: 'An example',
    detail: { orderId: 17 },
  })
  await orderly.eventSources.put({ name: 'lims' })
  await orderly.importTemplate({
    format: 'orderly.template/1',
    id: 'recall',
    version: 1,
    parameters: { wait: { type: 'string', default: '1m' } },
    document: {
      start: 'pause',
      nodes: { pause: { type: 'delay', for: { $param: 'wait' } } },
      edges: [],
    },
  })
  await orderly.alerts.putRoute({
    name: 'on-call',
    kind: 'mail',
    to: ['on-call@clinic.example'],
  })
  await orderly.alerts.putRule({
    name: 'slow-mail',
    metric: 'queue.oldest',
    above: 300,
    routes: ['on-call'],
  })
  const silence = await orderly.alerts.silence({
    rule: 'slow-*',
    for: '2h',
    reason: 'for the examples',
  })
  // What failed above is an alert of the house.
  await orderly.alerts.evaluate()
  const [alert] = await orderly.alerts.list({ state: 'firing' })
  return {
    alert: alert!.id,
    silence: silence.id,
    webhook: webhook.id,
    delivery,
    notification: told.ids[0]!,
    job: waiting.id,
    failedJob: failed.id,
    delayedJob: delayed.id,
    schedule: EXAMPLE_IDS.schedule,
    workflow: EXAMPLE_IDS.workflow,
    run,
    failedRun,
    view: view.json.id as string,
    bulk: plan.json.id as string,
    bulkToken: plan.json.token as string,
  }
}
