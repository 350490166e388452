// A served instance with jobs in every state, callers of every role, and a patient whose name must never get out.
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import {
  clear,
  createOrderly,
  defineJob,
  definePack,
  definePackAction,
  defineQueue,
  handle,
  phi,
  type Orderly,
  type OrderlyOptions,
  type WorkflowDocument,
} from 'orderly'
import { z } from 'zod'
import { actorOf, type Actor } from '../../packages/orderly/src/access/actor.ts'
import { ROLES, type RoleName } from '../../packages/orderly/src/access/roles.ts'
import type { CallEntry, Callers } from '../../packages/orderly/src/http/actor.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { buildApp, type ApiOptions } from '../../packages/orderly/src/http/app.ts'

export const CANARY = 'Zyxwelda Quorvantine'
export const CANARY_MRN = 'MRN-77318842'

export const sendMail = defineJob({
  name: 'mail.send',
  queue: 'mail',
  input: z.object({ patient: phi.name(), mrn: phi.mrn().optional(), clinicId: clear(z.string()) }),
  output: z.object({ sentTo: phi.name() }),
  searchable: ['mrn', 'clinicId'],
  retry: { attempts: 1 },
})
export const renderPdf = defineJob({
  name: 'pdf.render',
  queue: 'pdf',
  input: z.object({ orderId: z.number(), pages: z.number().default(1) }),
  output: z.object({ bytes: z.number() }),
  searchable: ['orderId'],
  retry: { attempts: 1 },
})

const CLINIC = definePack({
  name: 'example',
  jobs: [],
  queues: [],
  open: () =>
    Promise.resolve({
      handlers: [],
      actions: [
        definePackAction({
          id: 'forget',
          title: 'Forget',
          input: z.object({ file: z.string().max(100) }).strict(),
          about: ({ file }) => ({ file }),
          run: ({ file }) => Promise.resolve(file !== 'gone.csv'),
        }),
      ],
      pages: [
        {
          id: 'files',
          title: 'Patients',
          inRail: true,
          load: () =>
            Promise.resolve([
              {
                block: 'table' as const,
                title: 'Patients',
                columns: [{ key: 'name', label: 'Name' }],
                // What a page says beside its blocks does not leave.
                rows: [{ name: { masked: 'Z*** Q***', kind: 'name', value: CANARY } }],
                empty: 'Nobody yet.',
              },
            ]),
        },
      ],
    }),
})

/** Waits for a person and for a parcel, at once. */
const WELCOME: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'welcome',
  version: 1,
  start: 'both',
  nodes: {
    both: { type: 'parallel' },
    ask: { type: 'approval', who: ['operator'], question: 'Publish?', deadline: '3d' },
    parcel: { type: 'wait', until: { signal: 'arrived' } },
  },
  edges: [
    { from: 'both', to: 'ask' },
    { from: 'both', to: 'parcel' },
  ],
}

const BROKEN: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'broken',
  version: 1,
  start: 'break',
  nodes: { break: { type: 'job', job: 'pdf.render', input: { orderId: '-1' } } },
  edges: [],
}

export interface World {
  readonly orderly: Orderly
  readonly app: FastifyInstance
  readonly entries: CallEntry[]
  readonly lines: string[]
  readonly actors: Map<string, Actor>
  /** Says that somebody's rights have changed. */
  revoke(): void
  close(): Promise<void>
}

const MAIL = handle(sendMail, async ({ input, log }) => {
  log.info({ patient: input.patient }, `mail for ${input.patient}`)
  if (input.clinicId === 'broken') throw new Error(`no address for ${input.patient}`)
  return { sentTo: input.patient }
})
const PDF = handle(renderPdf, async ({ input }) => {
  if (input.orderId < 0) throw new Error('no such order')
  return { bytes: input.pages * 1_000 }
})

/** Callers by `Authorization: Bearer <role>`. */
export function callersOf(
  world: Pick<World, 'entries' | 'actors' | 'orderly'>,
  version: () => number = () => 0,
): Callers {
  return {
    authenticate: (request: IncomingMessage) =>
      Promise.resolve(
        world.actors.get(request.headers.authorization?.slice('Bearer '.length) ?? ''),
      ),
    version: () => Promise.resolve(version()),
    as: ({ actor, isRecorded }, work) =>
      roomsOf(world.orderly).ledger.as(
        { actor: { kind: 'user', id: actor?.id ?? 'unknown' }, isRecorded },
        work,
      ),
    record: (entry) => {
      world.entries.push(entry)
      return Promise.resolve()
    },
  }
}

export async function openWorld(
  options: Partial<OrderlyOptions> & { readonly api?: Omit<ApiOptions, 'callers'> } = {},
): Promise<World> {
  const { api, ...own } = options
  const home = mkdtempSync(join(tmpdir(), 'orderly-api-'))
  const lines: string[] = []
  const write = (fields: object, message: string): void =>
    void lines.push(JSON.stringify({ ...fields, message }))
  const orderly = await createOrderly({
    home,
    log: { debug: write, info: write, warn: write, error: write },
    jobs: [sendMail, renderPdf],
    queues: [defineQueue({ name: 'mail', globalConcurrency: 10 })],
    handlers: [MAIL, PDF],
    workflows: [WELCOME, BROKEN],
    packs: [CLINIC],
    ...own,
  })
  const actors = new Map<string, Actor>(
    (Object.keys(ROLES) as RoleName[]).map((role) => [
      role,
      actorOf({ id: `u_${role}`, kind: 'user', name: role, roles: [role] }, { production: true }),
    ]),
  )
  const everything = { production: false }
  actors.set(
    'all',
    actorOf(
      { id: 'u_all', kind: 'user', name: 'Ana', roles: Object.keys(ROLES) as RoleName[] },
      everything,
    ),
  )
  actors.set(
    'pdf-only',
    actorOf(
      { id: 'u_pdf', kind: 'user', name: 'Pia', roles: ['operator'], queues: ['pdf'] },
      everything,
    ),
  )
  const entries: CallEntry[] = []
  let version = 0
  const app = await buildApp(orderly, {
    ...api,
    callers: callersOf({ entries, actors, orderly }, () => version),
  })
  return {
    orderly,
    app,
    entries,
    lines,
    actors,
    revoke: () => void version++,
    async close() {
      await app.close()
      await orderly.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json: any
}

/** Asks the API as one of its callers; `as: ''` asks as nobody. */
export async function ask(
  { app }: Pick<World, 'app'>,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  {
    as = 'all',
    body,
    headers = {},
  }: { as?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await app.inject({
    method,
    url,
    headers: {
      ...(as === '' ? {} : { authorization: `Bearer ${as}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = response.body
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  return {
    status: response.statusCode,
    headers: response.headers as Record<string, string>,
    text,
    json,
  }
}
