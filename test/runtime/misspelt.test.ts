import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createOrderly,
  defineJob,
  definePack,
  defineQueue,
  defineService,
  defineWorkflow,
  exponential,
  fail,
  handle,
  handleBatch,
  handleIn,
  openMailer,
  router,
  serve,
  type Orderly,
} from '../../packages/orderly/src/index.ts'
import { createTestOrderly } from '../../packages/orderly/src/testing/index.ts'
import { systemClock } from '../../packages/orderly/src/primitives/clock.ts'
import { nearest } from '../../packages/orderly/src/primitives/known-names.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const count = defineJob({ name: 'count', input: z.object({}), retry: { attempts: 1 } })

const rule = { name: 'a', metric: 'queue.depth', above: 1 } as const
const hook = { name: 'a', url: 'https://pager.example/hook', filter: { types: ['job.*'] } }
const note = { to: 'ann', key: 'a', kind: 'backup', title: 'Backup is done' }

/** Sends a mail that nobody takes: it is refused before a server is asked. */
async function send(more: object): Promise<unknown> {
  const mailer = openMailer({
    url: 'smtp://127.0.0.1:1',
    from: 'jobs@clinic.example',
    clock: systemClock,
  })
  const mail = { to: 'ann@clinic.example', subject: 'a', text: 'b', messageId: 'a@clinic.example' }
  try {
    return await mailer.send(untyped({ ...mail, ...more }))
  } finally {
    await mailer.close()
  }
}

/** As callers without types write it. */
function untyped(value: unknown): never {
  return value as never
}

describe('misspelt options and filters', () => {
  let home: string
  let orderly: Orderly

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'orderly-misspelt-'))
    orderly = await createOrderly({
      home,
      log: silent,
      jobs: [count],
      handlers: [handle(count, async () => fail(new Error('no beds')))],
    })
  })

  afterAll(async () => {
    await orderly.close()
    rmSync(home, { recursive: true, force: true })
  })

  it('keeps dead letters where they are when the filter that names them is misspelt', async () => {
    await orderly.start()
    await orderly.enqueue(count, {})
    await orderly.whenIdle()
    await orderly.quiet()
    await expect(
      orderly.redrive(untyped({ nmae: 'other' }), { reason: 'mended' }),
    ).rejects.toMatchObject({
      code: 'ORDERLY_INPUT_INVALID',
      message: 'redrive: the filter has no option "nmae"; did you mean "name"?',
    })
    expect(await orderly.findJobs({ state: 'failed' })).toHaveLength(1)
    expect(await orderly.redrive({ name: 'other' }, { reason: 'mended' })).toEqual({
      redriven: 0,
      skipped: 0,
    })
  })

  const cases: readonly (readonly [said: string, call: (orderly: Orderly) => Promise<unknown>])[] =
    [
      [
        'enqueue has no option "delai"; did you mean "delay"?',
        (o) => o.enqueue(count, {}, untyped({ delai: '5m' })),
      ],
      [
        'enqueue has no option "prio"; there are unique, ',
        (o) => o.enqueueByName('count', {}, untyped({ prio: 1 })),
      ],
      [
        'enqueue: unique has no option "onDuplicat"; did you mean "onDuplicate"?',
        (o) => o.enqueue(count, {}, { unique: untyped({ key: 1, onDuplicat: 'refuse' }) }),
      ],
      [
        'enqueueMany: an item has no option "inptu"; did you mean "input"?',
        (o) => o.enqueueMany(count, [untyped({ inptu: {} })]),
      ],
      [
        'enqueue has no option "tag"; did you mean "tags"?',
        (o) => o.enqueueMany(count, [{ input: {}, options: untyped({ tag: [] }) }]),
      ],
      [
        'enqueueAndWait has no option "timeOut"; did you mean "timeout"?',
        (o) => o.enqueueAndWait(count, {}, untyped({ timeOut: '1s' })),
      ],
      [
        'enqueueSet: when is one of all, any',
        (o) => o.enqueueSet(count, [{ input: {} }], { when: untyped('one') }),
      ],
      [
        'findJobs has no option "nmae"; did you mean "name"?',
        (o) => o.findJobs(untyped({ nmae: 'count' })),
      ],
      ['findJobs: state is one of ', (o) => o.findJobs({ state: untyped('faild') })],
      ['did you mean "failed"?', (o) => o.findJobs({ state: ['completed', untyped('faild')] })],
      [
        'deadLetters has no option "errorcode"; did you mean "errorCode"?',
        (o) => o.deadLetters(untyped({ errorcode: 'X' })),
      ],
      [
        'redrive has no option "limt"; did you mean "limit"?',
        (o) => o.redrive({}, untyped({ reason: 'x', limt: 1 })),
      ],
      [
        'cancel has no option "wiat"; did you mean "wait"?',
        (o) => o.cancel('x', untyped({ wiat: 1 })),
      ],
      [
        'clean has no option "olderthen"; did you mean "olderThan"?',
        (o) => o.clean('count', untyped({ state: 'failed', olderthen: '1d' })),
      ],
      ['clean: state is one of completed, failed', (o) => o.clean('count', untyped({ state: 1 }))],
      [
        'drain has no option "delay"; did you mean "delayed"?',
        (o) => o.drain('count', untyped({ delay: true })),
      ],
      [
        'pause has no option "fro"; did you mean "for"?',
        (o) => o.pause({ job: 'count' }, untyped({ reason: 'x', fro: '1m' })),
      ],
      [
        'schedule has no option "specs"; did you mean "spec"?',
        (o) => o.schedule(untyped({ job: count, input: {}, specs: { every: '1m' } })),
      ],
      [
        'startRun has no option "versoin"; did you mean "version"?',
        (o) => o.startRun('beds', {}, untyped({ versoin: 1 })),
      ],
      [
        'runs: state is one of running, paused, completed, failed, cancelled; did you mean "failed"?',
        (o) => o.runs({ state: untyped('faild') }),
      ],
      [
        'start has no option "queue"; did you mean "queues"?',
        (o) => o.start(untyped({ queue: ['count'] })),
      ],
      [
        'close has no option "graze"; did you mean "grace"?',
        (o) => o.close(untyped({ graze: '1s' })),
      ],
      [
        'an alert rule has no option "abov"; did you mean "above"?',
        (o) => o.alerts.putRule(untyped({ ...rule, abov: 9 })),
      ],
      [
        'an alert rule: search has no option "queu"; did you mean "queue"?',
        (o) => o.alerts.tryRule(untyped({ ...rule, metric: 'jobs.found', search: { queu: 'a' } })),
      ],
      [
        'severity is one of warning, critical',
        (o) => o.alerts.putRule({ ...rule, severity: untyped('bad') }),
      ],
      ['name must be a word', (o) => o.alerts.putRule(untyped({ ...rule, name: undefined }))],
      [
        'an alert route has no option "webhok"; did you mean "webhook"?',
        (o) => o.alerts.putRoute(untyped({ name: 'a', kind: 'webhook', webhok: 'x' })),
      ],
      [
        'kind is one of in-app, mail, webhook, slack; did you mean "mail"?',
        (o) => o.alerts.putRoute({ name: 'a', kind: untyped('email'), to: ['a@clinic.example'] }),
      ],
      [
        'alerts.list: state is one of pending, firing, resolved',
        (o) => o.alerts.list({ state: untyped('open') }),
      ],
      [
        'a silence has no option "subjct"; did you mean "subject"?',
        (o) => o.alerts.silence(untyped({ rule: 'a', subjct: 'b', for: '1h', reason: 'x' })),
      ],
      [
        'a webhook has no option "tennant"; did you mean "tenant"?',
        (o) => o.webhooks.create(untyped({ ...hook, tennant: 'b' })),
      ],
      [
        'filter has no option "queue"; did you mean "queues"?',
        (o) => o.webhooks.create({ ...hook, filter: untyped({ types: ['job.*'], queue: ['a'] }) }),
      ],
      [
        'filter is an object with types, ',
        (o) => o.webhooks.create(untyped({ ...hook, filter: null })),
      ],
      ['url must be an https URL', (o) => o.webhooks.create(untyped({ ...hook, url: undefined }))],
      [
        'the change of a webhook has no option "stat"; did you mean "state"?',
        (o) => o.webhooks.change('x', untyped({ stat: 'paused' })),
      ],
      [
        'webhooks.deliveries has no option "sate"; did you mean "state"?',
        (o) => o.webhooks.deliveries('x', untyped({ sate: 'dead' })),
      ],
      [
        'a notification has no option "prioritiy"; did you mean "priority"?',
        (o) => o.notifications.notify(untyped({ ...note, prioritiy: 'urgent' })),
      ],
      [
        'to must be a recipient',
        (o) => o.notifications.notify(untyped({ ...note, to: undefined })),
      ],
      ['kind must be a word', (o) => o.notifications.notify(untyped({ ...note, kind: undefined }))],
      [
        '"expiresIn" is a number and a unit',
        (o) => o.notifications.notify({ ...note, expiresIn: untyped('soon') }),
      ],
      [
        'notifications.list has no option "unread"; there are unreadOnly, ',
        (o) => o.notifications.list({ user: 'ann' }, untyped({ unread: true })),
      ],
      [
        'the reader has no option "tennant"; did you mean "tenant"?',
        (o) => o.notifications.unread(untyped({ user: 'ann', tennant: 'b' })),
      ],
      [
        'preferences has no option "mute"; did you mean "muted"?',
        (o) => o.notifications.setPreferences({ user: 'ann' }, untyped({ mute: ['a'] })),
      ],
      [
        'preferences: mail is one of none, urgent, all',
        (o) => o.notifications.setPreferences({ user: 'ann' }, { mail: untyped('yes') }),
      ],
      [
        'openMailer has no option "form"; did you mean "from"?',
        async () => openMailer(untyped({ url: 'smtp://127.0.0.1:1', form: 'a@clinic.example' })),
      ],
      ['a mail has no option "subjekt"; did you mean "subject"?', () => send({ subjekt: 'x' })],
      ['subject is a text', () => send({ subject: undefined })],
      ['to is a mail address, or a list of them', () => send({ to: 5 })],
      [
        'serve has no option "prot"; did you mean "port"?',
        (o) => serve(o, untyped({ prot: 4400 })),
      ],
      [
        'router has no option "prefx"; did you mean "prefix"?',
        async (o) => router(o, untyped({ prefx: '/jobs' })),
      ],
      [
        'createOrderly has no option "handlrs"; did you mean "handlers"?',
        () => createOrderly(untyped({ home, handlrs: [] })),
      ],
      ['createOrderly: "jobs" is a list', () => createOrderly(untyped({ home, jobs: 1 }))],
      [
        'what is told of events is a function',
        async (o) =>
          o.on(
            'job.failed',
            untyped(() => undefined),
            untyped(undefined),
          ),
      ],
      [
        'on has no option "consumr"; did you mean "consumer"?',
        async (o) => o.on('job.failed', untyped({ consumr: 'a' }), () => undefined),
      ],
    ]

  it.each(cases)('says: %s', async (said, call) => {
    await expect(call(orderly)).rejects.toMatchObject({
      code: expect.stringMatching(/^ORDERLY_(INPUT|DEFINITION|SETTING)_INVALID$/),
      message: expect.stringContaining(said),
    })
  })

  const misfits: readonly (readonly [said: string, options: unknown])[] = [
    ['enqueue is an object with unique, ', null],
    ['enqueue is an object with unique, ', 'high'],
    ['"at" is a Date', { at: '2026-01-01T08:00' }],
    ['"at" is a Date', { at: null }],
    ['"delay" is a number and a unit', { delay: 5_000 }],
    ['"ttl" is a number and a unit', { ttl: 'soon' }],
    [
      '"deadline" is a number and a unit, such as "90s", "5m" or "24h", above 0',
      { deadline: '0s' },
    ],
    ['"priority" is one of critical, ', { priority: 0 }],
    ['"priority" is one of critical, ', { priority: 'toString' }],
    ['"tags" is a list', { tags: 'a' }],
    ['"tags" is a list', { tags: [1] }],
    ['"tags" is a list', { tags: new Set(['a']) }],
    ['an idempotency key is a text', { idempotencyKey: 5 }],
    ['an idempotency key is a text', { idempotencyKey: ' '.repeat(256) }],
    ['"idempotencyFor" is a number and a unit', { idempotencyKey: 'a', idempotencyFor: 'x' }],
    ['"unique" is the text of a key', { unique: '' }],
    ['"unique" is the text of a key', { unique: null }],
    ['"unique": its key is not empty', { unique: { key: '' } }],
    ['a key is made of text', { unique: {} }],
    ['unique.onDuplicate is ', { unique: { key: 1, onDuplicate: 'ignore' } }],
    ['needs a window; add "for"', { unique: { key: 1, onDuplicate: 'extend' } }],
    ['unique.for is a number and a unit', { unique: { key: 1, for: '-1h' } }],
  ]

  it.each(misfits.map(([said, options]) => ({ said, options: untyped(options) })))(
    'says of an option that nobody could keep, however it is enqueued: $said',
    async ({ said, options }) => {
      const refusal = {
        name: 'OrderlyError',
        code: 'ORDERLY_INPUT_INVALID',
        message: expect.stringContaining(said),
      }
      for (const refused of [
        orderly.enqueue(count, {}, options),
        orderly.enqueueByName('count', {}, options),
        orderly.enqueueMany(count, [{ input: {} }, { input: {}, options }]),
        orderly.enqueueSet(count, [{ input: {}, options }]),
      ])
        await expect(refused).rejects.toMatchObject(refusal)
      if (options !== null && typeof options === 'object')
        await expect(orderly.enqueueAndWait(count, {}, options)).rejects.toMatchObject(refusal)
    },
  )

  it('says so of a wait that nobody could keep before the job is in its queue', async () => {
    for (const wait of [{ timeout: 'soon' }, { timeout: 5 }, { signal: {} }, { signal: null }])
      await expect(orderly.enqueueAndWait(count, {}, untyped(wait))).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
      })
    const over = { signal: AbortSignal.abort(new Error('gone home')) }
    await expect(orderly.enqueueAndWait(count, {}, over)).rejects.toThrow('gone home')
  })

  it('says so of lists that are none, of empty transactions, and of spans that are none', async () => {
    const invalid = { code: 'ORDERLY_INPUT_INVALID' }
    for (const items of [undefined, null, 'ab', {}, [undefined], [null], [3]])
      await expect(orderly.enqueueMany(count, untyped(items))).rejects.toMatchObject(invalid)
    await expect(orderly.enqueue(count, {}, untyped({ transaction: null }))).rejects.toMatchObject({
      code: 'ORDERLY_TRANSACTION_INVALID',
    })
    const why = { reason: 'x', for: untyped('soon') }
    await expect(orderly.pause({ job: 'count' }, why)).rejects.toMatchObject(invalid)
    await expect(
      orderly.clean('count', { state: 'failed', olderThan: untyped('old') }),
    ).rejects.toMatchObject(invalid)
  })

  it('says so of conditions that would fit nothing, and leaves all as it is', async () => {
    const calls: readonly (readonly [said: string, call: () => Promise<unknown>])[] = [
      [
        'findJobs: "createdFrom" is a number',
        () => orderly.findJobs(untyped({ createdFrom: new Date(0) })),
      ],
      ['findJobs: "name" is a text', () => orderly.findJobs(untyped({ name: 5 }))],
      ['findJobs: "tags" is a list of texts', () => orderly.findJobs(untyped({ tags: 'a' }))],
      ['findJobs: state is one of ', () => orderly.findJobs(untyped({ state: null }))],
      [
        'findJobs: order.by is one of created, duration',
        () => orderly.findJobs({ order: untyped({ by: 'name', ascending: true }) }),
      ],
      [
        'deadLetters: "from" is a number',
        () => orderly.deadLetters(untyped({ from: '2026-01-01' })),
      ],
      [
        'redrive: the filter: "ids" is a list of texts',
        () => orderly.redrive(untyped({ ids: 'x' }), { reason: 'x' }),
      ],
      [
        'redrive: "signal" is an AbortSignal',
        () => orderly.redrive({ ids: [] }, untyped({ reason: 'x', signal: {} })),
      ],
      ['cancel: "reason" is a text', () => orderly.cancel('x', untyped({ reason: 5 }))],
      ['cancel: "wait" is a number', () => orderly.cancel('x', untyped({ wait: '5s' }))],
      [
        'pause: "by" is a text',
        () => orderly.pause({ job: 'count' }, untyped({ reason: 'x', by: 5 })),
      ],
      [
        'this names queue and job',
        () => orderly.pause(untyped({ job: 'count', queue: 'count' }), { reason: 'x' }),
      ],
      ['metrics: "queue" is a text', () => orderly.metrics(untyped({ last: '1h', queue: 5 }))],
      ['start: "queues" is a list of texts', () => orderly.start(untyped({ queues: 'count' }))],
      ['a duration is a number and a unit', () => orderly.close({ grace: untyped('soon') })],
    ]
    for (const [said, call] of calls)
      await expect(call(), said).rejects.toMatchObject({
        code: 'ORDERLY_INPUT_INVALID',
        message: expect.stringContaining(said),
      })
  })

  const definitions: readonly (readonly [said: string, define: () => unknown])[] = [
    [
      'a queue has no option "concurency"; did you mean "concurrency"?',
      () => defineQueue(untyped({ name: 'q', concurency: 5 })),
    ],
    [
      'queue "q": rateLimit has no option "pre"; did you mean "per"?',
      () => defineQueue(untyped({ name: 'q', rateLimit: { limit: 1, pre: '1s' } })),
    ],
    [
      'a service has no option "rateLimits"; did you mean "rateLimit"?',
      () => defineService(untyped({ name: 's', rateLimits: {} })),
    ],
    [
      'service "s": breaker has no option "failure"; did you mean "failures"?',
      () => defineService(untyped({ name: 's', breaker: { failure: 1 } })),
    ],
    [
      'handler of job "count": checks has no option "befor"; did you mean "before"?',
      () => handle(count, async () => {}, untyped({ befor: () => [] })),
    ],
    ['the handler of job "count" is a function', () => handle(count, untyped(undefined))],
    [
      'a handler is tied to the definition of a job',
      () => handle(untyped('count'), async () => {}),
    ],
    [
      'handler of job "count": options has no option "siz"; did you mean "size"?',
      () => handleBatch(count, untyped({ siz: 5 }), async () => []),
    ],
    [
      '"wait" one of milliseconds',
      () => handleBatch(count, untyped({ size: 5, wait: '1s' }), async () => []),
    ],
    [
      'handler of job "count": recycle has no option "job"; did you mean "jobs"?',
      () => handleIn(count, 'file:///a.mjs', untyped({ recycle: { job: 1 } })),
    ],
    [
      'exponential has no option "maxx"; did you mean "max"?',
      () => exponential('1s', untyped({ maxx: '5m' })),
    ],
    [
      'a pack has no option "job"; did you mean "jobs"?',
      () => definePack(untyped({ name: 'p', job: [] })),
    ],
    [
      'a workflow has no option "nodez"; did you mean "nodes"?',
      () => defineWorkflow(untyped({ id: 'w', nodez: {} })),
    ],
    ['a workflow has nodes, by their names', () => defineWorkflow(untyped({ id: 'w' }))],
  ]

  it.each(definitions)('says of a definition: %s', (said, define) => {
    expect(define).toThrow(
      expect.objectContaining({
        code: 'ORDERLY_DEFINITION_INVALID',
        message: expect.stringContaining(said),
      }),
    )
  })

  it('says it to a handler, too', async () => {
    const said: unknown[] = []
    const parent = defineJob({ name: 'parent', input: z.object({}) })
    const note = (asked: Promise<unknown>): Promise<void> =>
      asked.then(
        () => void said.push('taken'),
        (error: unknown) => void said.push((error as { code?: string }).code),
      )
    await using own = await createTestOrderly({
      jobs: [count, parent],
      handlers: [
        handle(count, async () => {}),
        handle(parent, async (ctx) => {
          await note(ctx.enqueue(count, {}, untyped({ at: 'tomorrow' })))
          await note(ctx.enqueueMany(count, [{ input: {}, options: untyped(null) }]))
          await note(ctx.enqueueMany(count, untyped('ab')))
          await note(ctx.enqueue(untyped(undefined), {}))
          await note(ctx.once('a', () => said.push('done'), untyped({ unsur: 'refuse' })))
          await note(ctx.once('a', () => said.push('done'), { unsure: untyped('refused') }))
        }),
      ],
    })
    await own.perform(parent, {})
    const invalid = 'ORDERLY_INPUT_INVALID'
    const wrong = 'ORDERLY_DEFINITION_INVALID'
    expect(said).toEqual([invalid, invalid, invalid, 'ORDERLY_JOB_UNKNOWN', wrong, wrong])
  })

  const schedules: readonly (readonly [said: string, spec: unknown, policy?: unknown])[] = [
    ['has no option "crom"; did you mean "cron"?', { crom: '* * * * *' }],
    ['is an object with cron, ', undefined],
    ['is an object with cron, ', '* * * * *'],
    ['it says when by "cron", "every", "times" or "at"', {}],
    ['it says when by "cron", "every", "times" or "at"', { cron: '0 8 * * *', every: '1m' }],
    ['"cron" is a list', { cron: 5 }],
    ['"times" holds texts', { times: [8] }],
    ['"at" is no valid date', { at: '2030-01-01' }],
    ['"blackouts" is a list', { every: '1m', blackouts: {} }],
    ['has no option "until"; there are from', { every: '1m', blackouts: [{ until: 1 }] }],
    ['has no option "overlaps"; did you mean "overlap"?', { every: '1m' }, { overlaps: 'skip' }],
    ['catchUp is skip, one, or', { every: '1m' }, { catchUp: null }],
  ]

  it.each(schedules.map(([said, ...given]) => ({ said, given })))(
    'says of a schedule: $said',
    async ({ said, given: [spec, policy] }) => {
      await expect(
        orderly.schedule(untyped({ job: count, input: {}, spec, policy })),
      ).rejects.toMatchObject({
        code: 'ORDERLY_DEFINITION_INVALID',
        message: expect.stringContaining(said),
      })
    },
  )

  it('says how a job is enqueued of which only the name is known', async () => {
    for (const refused of [
      orderly.enqueue(untyped('count'), {}),
      orderly.enqueue(untyped(undefined), {}),
      orderly.enqueueMany(untyped('count'), [{ input: {} }]),
      orderly.schedule({ job: untyped('count'), input: {}, spec: { every: '1m' }, id: 'a' }),
    ])
      await expect(refused).rejects.toMatchObject({
        code: 'ORDERLY_JOB_UNKNOWN',
        message: expect.stringContaining('enqueueByName(name, input)'),
      })
  })

  it('stored and started nothing of all that', async () => {
    expect(await orderly.findJobs({})).toHaveLength(1)
    expect(await orderly.schedules()).toEqual([])
    expect(await orderly.pauses()).toEqual([])
    expect(await orderly.webhooks.list()).toEqual([])
    expect(await orderly.notifications.list({ user: 'ann' })).toEqual([])
    expect((await orderly.alerts.rules()).filter(({ source }) => source === 'person')).toEqual([])
    expect(await orderly.alerts.silences()).toEqual([])
  })
})

describe('nearest', () => {
  it('counts two letters that changed places as one stroke', () => {
    expect(nearest('nmae', ['name', 'state'])).toBe('name')
    expect(nearest('prot', ['host', 'port'])).toBe('port')
    expect(nearest('xyz', ['host', 'port'])).toBeUndefined()
  })
})
