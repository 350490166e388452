// The names of the options that an instance is opened, started and closed with; others are refused.
import type { CloseOptions, OrderlyOptions, StartOptions } from './orderly.ts'
import { milliseconds } from './primitives/duration.ts'
import { OrderlyError } from './primitives/errors.ts'
import { refuseKinds } from './primitives/known-kinds.ts'
import { namesOf, refuseUnknown } from './primitives/known-names.ts'

const OPEN = namesOf<OrderlyOptions>({
  home: true,
  queueUrl: true,
  databaseUrl: true,
  objectsUrl: true,
  keyringFile: true,
  allowVolatile: true,
  allowPlaintext: true,
  workerScope: true,
  oidc: true,
  emergencySpool: true,
  revealAlwaysTwo: true,
  ledgerAnchor: true,
  release: true,
  smtpUrl: true,
  mailFrom: true,
  webhooksAllowPrivate: true,
  trustedProxies: true,
  packs: true,
  jobs: true,
  queues: true,
  handlers: true,
  log: true,
  clock: true,
  grace: true,
  historyRetention: true,
  workflows: true,
  publish: true,
  templates: true,
  words: true,
  services: true,
  backpressure: true,
  access: true,
  anchors: true,
  capacity: true,
})
const BACKPRESSURE = namesOf<NonNullable<OrderlyOptions['backpressure']>>({
  memory: true,
  disk: true,
})
const ACCESS = namesOf<NonNullable<OrderlyOptions['access']>>({ passwordCost: true })
const CAPACITY = namesOf<NonNullable<OrderlyOptions['capacity']>>({ memory: true, cpu: true })
const LISTS = ['packs', 'jobs', 'queues', 'handlers', 'workflows'] as const
const START = namesOf<StartOptions>({ queues: true })
const CLOSE = namesOf<CloseOptions>({ grace: true, hurry: true })

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` */
export function checkOptions(options: OrderlyOptions): void {
  const code = 'ORDERLY_DEFINITION_INVALID'
  refuseUnknown('createOrderly', options ?? null, OPEN, code)
  refuseUnknown('createOrderly: backpressure', options.backpressure, BACKPRESSURE, code)
  refuseUnknown('createOrderly: access', options.access, ACCESS, code)
  refuseUnknown('createOrderly: capacity', options.capacity, CAPACITY, code)
  for (const name of LISTS)
    if (options[name] !== undefined && !Array.isArray(options[name]))
      throw new OrderlyError(code, `createOrderly: "${name}" is a list`)
}

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export function checkStart(options: StartOptions): void {
  refuseUnknown('start', options, START)
  refuseKinds('start', options, { queues: 'texts' })
}

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` */
export function checkClose(options: CloseOptions): void {
  refuseUnknown('close', options, CLOSE)
  refuseKinds('close', options, { hurry: 'signal' })
  // An instance begins to close once: what cannot be kept then would leave it open for ever.
  if (options.grace !== undefined) milliseconds(options.grace, 'ORDERLY_INPUT_INVALID')
}
