// The contract of the API: what one operation is. Routes, OpenAPI, the client, the roles' matrix and tests come from it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { z } from 'zod'
import type { Actor } from '../access/actor.ts'
import type { OperationPermission, Permission } from '../access/permissions.ts'
import type { Orderly } from '../orderly.ts'
import type { Rooms } from '../runtime/rooms.ts'
import type { Callers, Target } from './actor.ts'
import type { LiveHub } from './live-hub.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * What the ledger is told of a call: nothing, that somebody read, that somebody changed something, or that somebody saw
 * what is otherwise masked.
 */
export type AuditClass = 'none' | 'read' | 'write' | 'reveal'

/** Who calls, on what instance, and what is said of the answer beside its body. */
export interface ApiContext {
  readonly orderly: Orderly
  readonly rooms: Rooms
  /** In operations for `anyone` who has not signed in, an actor that may do nothing. */
  readonly actor: Actor
  /** Whether the caller holds a permission, here or for one queue. */
  can(permission: Permission, target?: { readonly queue?: string }): boolean
  /**
   * Refuses whoever may not do this operation to a queue. A queue out of reach is as one that is not there.
   *
   * @throws OrderlyError `ORDERLY_NOT_FOUND`, `ORDERLY_FORBIDDEN`
   */
  demand(queue: string, permission?: Permission): void
  /**
   * Says for the ledger that this is about a queue: whoever audits that one alone sees the entry. `demand` says so too.
   * What is about several is for those who audit all of them.
   */
  concerns(queue: string): void
  /** Whether the caller sees this queue at all. */
  reaches(queue: string): boolean
  /** Who may ask, and where it is written down that they did. */
  readonly callers: Callers
  /** What happens now, for those who watch. */
  readonly hub: LiveHub
  readonly requestId: string
  /** The address the call came from. */
  readonly address: string
  /** The body as it came, for what is signed. */
  readonly rawBody: string
  /** Headers of the request, lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Headers to send beside the body. */
  setHeader(name: string, value: string): void
  /** Another status than the operation's. */
  setStatus(status: number): void
  /**
   * What this is done to, for the ledger, where no `id` or `name` in the path says so. What an operation creates is named
   * by the `id` of its answer, unless it says otherwise here.
   */
  about(record: Target): void
  /** What the ledger is told beside the call itself: names and counts, nothing of a patient. */
  note(fields: Readonly<Record<string, string | number | boolean | null>>): void
}

export interface Example {
  readonly name: string
  readonly request: {
    readonly params?: Readonly<Record<string, string>>
    readonly query?: Readonly<Record<string, string>>
    readonly body?: unknown
  }
  readonly response: unknown
}

/** Another way to the same operation, kept for programs that were written for it. */
export interface Alias {
  readonly method: Method
  readonly path: string
  readonly note: string
  /** It is there only when the compatibility switch of the server is on. */
  readonly compatibility?: true
}

/** Where an operation streams instead of answering once. */
export type Streamer = (
  context: ApiContext,
  request: any,
  raw: { readonly request: IncomingMessage; readonly response: ServerResponse },
) => Promise<void>

/** One operation, as the server, the documents and the tests see it. */
export interface ApiOperation {
  /** `area.verb`, stable: the client's method names come from it. */
  readonly id: string
  readonly method: Method
  /** With `:name` for each parameter. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** Asked before anything of the request is looked at. */
  readonly permission: OperationPermission
  readonly audit: AuditClass
  /**
   * What it concerns that is of no single queue. A caller of some queues alone reaches a workflow, or a run, whose jobs
   * are all in those, and nothing of the whole installation. Not named where `run` looks at queues itself.
   */
  readonly of?: 'run' | 'workflow' | 'installation'
  /** Whether a request of it may carry PHI, or an answer of it reveal some. */
  readonly phi: boolean
  readonly request: {
    readonly params?: z.ZodObject
    readonly query?: z.ZodObject
    readonly body?: z.ZodType
  }
  /** Only what it names leaves; what does not fit it is an error of ours, and leaves not at all. */
  readonly response: z.ZodType
  /** 200 unless told. */
  readonly status?: number
  /** `application/json` unless told. */
  readonly contentType?: string
  readonly examples: readonly Example[]
  readonly aliases?: readonly Alias[]
  /** A read whose answer has an `ETag`, so that `If-None-Match` is answered with 304. */
  readonly etag?: true
  /**
   * A read that many ask for again and again: those of one caller that come in one turn of the event loop share an answer.
   * It sets no header and no status, and depends on nothing but the caller's rights and the address.
   */
  readonly shared?: true
  /** The call counts as idempotent by itself, or must not be kept: `Idempotency-Key` is not looked at. */
  readonly forgetful?: true
  readonly stream?: Streamer
  /** Bytes of the largest body; `MOST_BODY_BYTES` unless told. */
  readonly mostBytes?: number
  run(context: ApiContext, request: any): Promise<unknown>
}

/** A value as code may hand it out: readonly parts are as good as others. */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Loose<T[Key]> }
    : T

type Nothing = z.ZodObject<Readonly<Record<string, never>>>

export interface OperationSpec<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Response extends z.ZodType,
> extends Omit<ApiOperation, 'request' | 'response' | 'run' | 'stream'> {
  readonly request: { readonly params?: Params; readonly query?: Query; readonly body?: Body }
  readonly response: Response
  readonly stream?: (
    context: ApiContext,
    request: RequestOf<Params, Query, Body>,
    raw: { readonly request: IncomingMessage; readonly response: ServerResponse },
  ) => Promise<void>
  run(
    context: ApiContext,
    request: RequestOf<Params, Query, Body>,
  ): Promise<Loose<z.input<Response>>>
}

interface RequestOf<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  readonly params: z.output<Params>
  readonly query: z.output<Query>
  readonly body: z.output<Body>
}

/** Declares an operation; what `run` is given and must return follows from the schemas. */
export function operation<
  Response extends z.ZodType,
  Params extends z.ZodObject = Nothing,
  Query extends z.ZodObject = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: OperationSpec<Params, Query, Body, Response>): ApiOperation {
  return Object.freeze({ ...spec })
}

/** Ids that stand in examples. Tests put those of real things in their place. */
export const EXAMPLE_IDS = {
  job: 'mail-0199c5f0c2b07a4e8f00',
  failedJob: 'mail-0199c5f0c2b07a4e8f01',
  delayedJob: 'mail-0199c5f0c2b07a4e8f05',
  schedule: 'nightly',
  workflow: 'welcome',
  run: '0199c5f0c2b07a4e8f02',
  failedRun: '0199c5f0c2b07a4e8f06',
  view: '0199c5f0c2b07a4e8f03',
  bulk: '0199c5f0c2b07a4e8f04',
  bulkToken: '0199c5f0c2b07a4e8f07',
  webhook: '0199c5f0c2b07a4e8f05',
  delivery: '0199c5f0c2b07a4e8f08',
  notification: '0199c5f0c2b07a4e8f09',
  alert: '0199c5f0c2b07a4e8f0a',
  silence: '0199c5f0c2b07a4e8f0b',
} as const
