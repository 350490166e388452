// Operations on the audit log: searching it, proofs that need no trust in us, taking it out.
import { once } from 'node:events'
import { z } from 'zod'
import { reachesAll } from '../../access/can.ts'
import { exportLedger } from '../../ledger/export.ts'
import type { LedgerRecord } from '../../ledger/entry.ts'
import {
  findEntries,
  findEntry,
  proveConsistency,
  proveEntry,
  readHead,
  readLeaves,
} from '../../ledger/read.ts'
import { ledgerKey } from '../../ledger/seal.ts'
import { OrderlyError } from '../../primitives/errors.ts'
import { operation, type ApiContext, type ApiOperation } from '../contract.ts'
import { readCursor, writeCursor } from '../cursor.ts'
import { idParams, time } from '../fields.ts'
import { fillPage } from '../fill-page.ts'
import { pageOf, pageQuery } from '../page.ts'

const entry: z.ZodType<LedgerRecord> = z
  .object({
    index: z.int(),
    id: z.string(),
    at: time,
    writer: z.string().describe('The process that wrote it.'),
    app: z.string(),
    actor: z.object({
      kind: z.enum(['user', 'key', 'host', 'system', 'program', 'unknown']),
      id: z.string(),
      name: z.string().optional(),
      roles: z.array(z.string()).readonly().optional(),
      tenant: z.string().optional(),
      session: z.object({ id: z.string(), mfa: z.string().nullable() }).optional(),
    }),
    source: z.object({ ip: z.string().optional(), request: z.string().optional() }).optional(),
    op: z.string(),
    action: z.enum(['C', 'R', 'U', 'D', 'E']),
    resource: z
      .object({
        kind: z.string(),
        id: z.string().optional(),
        queue: z.string().optional(),
        fields: z.array(z.string()).readonly().optional(),
      })
      .optional(),
    subjects: z.array(z.string()).readonly().optional(),
    why: z
      .object({
        purpose: z.string().optional(),
        text: z.string().optional().describe('Sealed.'),
        ticket: z.string().optional(),
      })
      .optional(),
    outcome: z.enum(['ok', 'asked', 'denied', 'failed']),
    code: z.string().optional(),
    detail: z.record(z.string(), z.any()).optional(),
    follows: z.string().optional(),
  })
  .meta({ id: 'AuditEntry' }) as unknown as z.ZodType<LedgerRecord>

const EXAMPLE_ENTRY: LedgerRecord = {
  index: 7,
  id: '0199c5f0c2b07a4e8f00',
  at: 1_767_225_600_000,
  writer: 'w_0199c5f0c2b07a4e8f00',
  app: 'orderly 1.0',
  actor: { kind: 'user', id: 'u_0199c5f0c2b07a4e8f00', name: 'Ana' },
  op: 'pause.set',
  action: 'U',
  resource: { kind: 'queue', id: 'mail', queue: 'mail' },
  outcome: 'asked',
}

const NOTE = 'orderly/ledger/…\n8\nsFodV/…=\n\n— orderly/ledger/… hI2DJw…\n'

const checkpoint = z
  .object({
    origin: z.string(),
    size: z.int(),
    root: z.string().describe('Base64 of the root hash (RFC 6962).'),
    note: z.string().describe('The signed checkpoint (c2sp.org/tlog-checkpoint).'),
    vkey: z.string().describe('The public key that verifies it.'),
  })
  .meta({ id: 'Checkpoint' })

const search = {
  actor: z.string().max(200).optional(),
  op: z.string().max(100).optional().describe('An operation, or its beginning and a star: phi.*'),
  kind: z.string().max(60).optional(),
  resource: z.string().max(400).optional(),
  queue: z.string().max(200).optional(),
  outcome: z.enum(['ok', 'asked', 'denied', 'failed']).optional(),
  from: z.coerce.number().optional().describe('Milliseconds since 1970 UTC, inclusive.'),
  to: z.coerce.number().optional().describe('Milliseconds since 1970 UTC, exclusive.'),
}

function noEntry(): OrderlyError {
  return new OrderlyError('ORDERLY_NOT_FOUND', 'there is no such entry in the audit log')
}

/** Whoever audits everything reads everything; the others read what concerns queues they reach, and what they did. */
function seen({ actor, reaches }: ApiContext, record: LedgerRecord): boolean {
  const queue = record.resource?.queue
  if (queue !== undefined) return reaches(queue)
  return reachesAll(actor) || record.actor.id === actor.id
}

export const auditOperations: readonly ApiOperation[] = [
  operation({
    id: 'audit.list',
    method: 'GET',
    path: '/api/v1/audit',
    summary: 'Search the audit log, newest first',
    permission: 'audit:read',
    audit: 'read',
    phi: false,
    request: { query: z.object({ ...search, ...pageQuery }) },
    response: pageOf(entry, 'AuditEntries'),
    examples: [
      {
        name: 'what Ana did',
        request: { query: { actor: 'u_0199c5f0c2b07a4e8f00' } },
        response: { data: [EXAMPLE_ENTRY], page: { next: null } },
      },
    ],
    async run(context, { query: { limit, cursor, ...filter } }) {
      const { rooms } = context
      const list = `audit/${JSON.stringify(filter)}/${context.actor.id}`
      const before =
        cursor === undefined ? undefined : ((await readCursor(rooms, list, cursor)) as number)
      const { rows, last } = await fillPage<LedgerRecord>(
        limit,
        (after, most) => {
          const end = after?.index ?? before
          return findEntries(rooms.ledger.database, {
            ...given(filter),
            ...(end === undefined ? {} : { before: end }),
            limit: most,
          })
        },
        (record) => seen(context, record),
      )
      const next = last ? await writeCursor(rooms, list, last.index) : null
      return { data: rows, page: { next } }
    },
  }),
  operation({
    id: 'audit.checkpoint',
    method: 'GET',
    path: '/api/v1/audit/checkpoint',
    summary: 'How large the audit log is and what is in it, signed',
    permission: 'audit:verify',
    audit: 'none',
    phi: false,
    request: {},
    response: checkpoint,
    examples: [
      {
        name: 'eight entries',
        request: {},
        response: {
          origin: 'orderly/ledger/…',
          size: 8,
          root: 'sFodV/…=',
          note: NOTE,
          vkey: 'orderly/ledger/…+…+…',
        },
      },
    ],
    async run({ rooms }) {
      const head = await readHead(rooms.ledger.database)
      if (!head) throw noEntry()
      const { signer } = await ledgerKey(rooms.ledger.keys)
      return { ...head, root: head.root.toString('base64'), vkey: signer.vkey }
    },
  }),
  operation({
    id: 'audit.leaves',
    method: 'GET',
    path: '/api/v1/audit/leaves',
    summary: 'Entries as they were hashed, oldest first, for checking the tree elsewhere',
    permission: 'audit:verify',
    audit: 'read',
    of: 'installation',
    phi: false,
    request: {
      query: z.object({
        from: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(1_000).default(500),
      }),
    },
    response: z
      .object({
        data: z.array(
          z.object({
            index: z.int(),
            leaf: z.string().describe('Base64 of SHA-256(0x00 || body).'),
            body: z.string().nullable().describe('Null once its time is over.'),
          }),
        ),
      })
      .meta({ id: 'AuditLeaves' }),
    examples: [
      {
        name: 'the first',
        request: { query: { from: '0', limit: '1' } },
        response: { data: [{ index: 0, leaf: 'sFodV/…=', body: '{…}' }] },
      },
    ],
    async run({ rooms, note }, { query }) {
      const data = await readLeaves(rooms.ledger.database, query.from, query.limit)
      note({ from: query.from, entries: data.length })
      return { data }
    },
  }),
  operation({
    id: 'audit.consistency',
    method: 'GET',
    path: '/api/v1/audit/consistency',
    summary: 'Hashes that show that the log of then is the beginning of the log of now (RFC 6962)',
    permission: 'audit:verify',
    audit: 'none',
    phi: false,
    request: { query: z.object({ from: z.coerce.number().int().min(0) }) },
    response: z
      .object({
        from: z.int(),
        to: z.int(),
        hashes: z.array(z.string()),
        checkpoint: z.string(),
      })
      .meta({ id: 'AuditConsistency' }),
    examples: [
      {
        name: 'from four entries',
        request: { query: { from: '4' } },
        response: { from: 4, to: 8, hashes: ['sFodV/…='], checkpoint: NOTE },
      },
    ],
    async run({ rooms }, { query }) {
      const proof = await proveConsistency(rooms.ledger.database, query.from)
      if (!proof) throw noEntry()
      return proof
    },
  }),
  operation({
    id: 'audit.export',
    method: 'GET',
    path: '/api/v1/audit/export',
    summary: 'The audit log as lines of JSON that "orderly audit verify --file" checks offline',
    permission: 'audit:export',
    audit: 'read',
    of: 'installation',
    phi: false,
    contentType: 'application/x-ndjson',
    request: { query: z.object({ from: search.from, to: search.to }) },
    response: z.string().describe('Lines of JSON: what it is, then every entry.'),
    examples: [{ name: 'all of it', request: {}, response: '{"v":1,"kind":"orderly-ledger",…}\n' }],
    run: async () => '',
    async stream({ rooms, actor, address, requestId }, { query }, { response }) {
      await rooms.ledger.record({
        op: 'audit.export',
        action: 'R',
        actor: { kind: actor.kind, id: actor.id, name: actor.name },
        source: { ip: address, request: requestId },
        resource: { kind: 'ledger' },
      })
      response.writeHead(200, {
        'content-type': 'application/x-ndjson',
        'content-disposition': 'attachment; filename="audit.ndjson"',
      })
      const range = given(query)
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      try {
        await exportLedger(rooms.ledger, range, rooms.clock.now(), async (line) => {
          gone.signal.throwIfAborted()
          if (!response.write(line)) await once(response, 'drain', { signal: gone.signal })
        })
      } catch (error) {
        // Nobody is there to take the rest.
        if (!gone.signal.aborted) throw error
      }
      response.end()
    },
  }),
  operation({
    id: 'audit.get',
    method: 'GET',
    path: '/api/v1/audit/:id',
    summary: 'One entry of the audit log',
    permission: 'audit:read',
    audit: 'read',
    phi: false,
    request: { params: idParams },
    response: entry,
    examples: [
      { name: 'one', request: { params: { id: EXAMPLE_ENTRY.id } }, response: EXAMPLE_ENTRY },
    ],
    async run(context, { params }) {
      const found = await findEntry(context.rooms.ledger.database, params.id)
      if (!found || !seen(context, found)) throw noEntry()
      return found
    },
  }),
  operation({
    id: 'audit.proof',
    method: 'GET',
    path: '/api/v1/audit/:id/proof',
    summary:
      'A proof that an entry is in the log, for whoever has its public key (c2sp.org/tlog-proof)',
    permission: 'audit:verify',
    audit: 'read',
    of: 'installation',
    phi: false,
    request: { params: idParams },
    response: z
      .object({ index: z.int(), body: z.string().nullable(), proof: z.string() })
      .meta({ id: 'AuditProof' }),
    examples: [
      {
        name: 'one',
        request: { params: { id: EXAMPLE_ENTRY.id } },
        response: { index: 7, body: '{…}', proof: `c2sp.org/tlog-proof@v1\nindex 7\n\n${NOTE}` },
      },
    ],
    async run({ rooms }, { params }) {
      const proof = await proveEntry(rooms.ledger.database, params.id)
      if (!proof) throw noEntry()
      return proof
    },
  }),
]

/** Without what was left out. */
function given<T extends object>(filter: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
