// What an entry of the ledger says, and the bytes it says it in.
import { canonical, type Plain } from './canonical.ts'

/** Who did it, as the ledger keeps it. Names are of people and programs, never of patients. */
export interface LedgerActor {
  readonly kind: 'user' | 'key' | 'host' | 'system' | 'program' | 'unknown'
  readonly id: string
  readonly name?: string
  readonly roles?: readonly string[]
  readonly tenant?: string
  /** The session it was done in, and what was shown beside the password. */
  readonly session?: { readonly id: string; readonly mfa: string | null }
}

/** Where it came from. */
export interface LedgerSource {
  readonly ip?: string
  readonly request?: string
}

/** Create, read, update, delete, execute: the action of a FHIR AuditEvent. */
export type LedgerAction = 'C' | 'R' | 'U' | 'D' | 'E'

/** `asked` is written before something is done, and how it ended after it, in an entry that follows it. */
export type LedgerOutcome = 'ok' | 'asked' | 'denied' | 'failed'

/** What is to be remembered. Nothing here may be PHI but `why.text`, which is sealed. */
export interface LedgerEntry {
  /** What was done, as `area.verb`: `auth.sign-in`, `phi.reveal`, `queue.pause`. */
  readonly op: string
  readonly action: LedgerAction
  /** What it was done to. `fields` are JSON pointers of a schema. */
  readonly resource?: {
    readonly kind: string
    readonly id?: string
    readonly queue?: string
    readonly fields?: readonly string[]
  }
  /** Whose data it was, as blind indexes. */
  readonly subjects?: readonly string[]
  readonly why?: { readonly purpose?: string; readonly text?: string; readonly ticket?: string }
  readonly outcome?: LedgerOutcome
  /** The code of what went wrong. */
  readonly code?: string
  /** Small facts beside: counts, names, states. */
  readonly detail?: Readonly<Record<string, Plain | undefined>>
  /** The entry this one belongs to. */
  readonly follows?: string
  /** Who, where it is not who the code around it runs for. */
  readonly actor?: LedgerActor
  readonly source?: LedgerSource
}

/** An entry as it is read back. */
export interface LedgerRecord extends Omit<LedgerEntry, 'actor' | 'why' | 'outcome'> {
  readonly index: number
  readonly id: string
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  readonly writer: string
  readonly actor: LedgerActor
  readonly outcome: LedgerOutcome
  /** `text` is an envelope. */
  readonly why?: { readonly purpose?: string; readonly text?: string; readonly ticket?: string }
  readonly app: string
}

/** What the ledger adds to an entry. */
export interface Stamp {
  readonly id: string
  readonly at: number
  readonly writer: string
  /** How many entries this writer has written before. */
  readonly seq: number
  /** The leaf of the writer's entry before, base64; empty for its first. */
  readonly previous: string
  readonly app: string
}

export const SYSTEM_ACTOR: LedgerActor = { kind: 'system', id: 'system' }

/** The bytes of an entry: short names, since there are millions. `entry.why.text` is sealed by now. */
export function formatEntry(
  entry: LedgerEntry & { readonly actor: LedgerActor },
  stamp: Stamp,
): string {
  const { actor, resource, why, source } = entry
  return canonical({
    v: 1,
    id: stamp.id,
    t: new Date(stamp.at).toISOString(),
    w: stamp.writer,
    ws: stamp.seq,
    wp: stamp.previous,
    app: stamp.app,
    act: {
      k: actor.kind,
      id: actor.id,
      n: actor.name,
      roles: actor.roles,
      tn: actor.tenant,
      sid: actor.session?.id,
      mfa: actor.session?.mfa,
    },
    src: source && { ip: source.ip, req: source.request },
    op: entry.op,
    a: entry.action,
    res: resource && { k: resource.kind, id: resource.id, q: resource.queue, f: resource.fields },
    subj: entry.subjects,
    why: why && { c: why.purpose, x: why.text, tkt: why.ticket },
    out: { r: entry.outcome ?? 'ok', c: entry.code },
    d: entry.detail,
    cor: entry.follows,
  })
}

interface Body {
  readonly v: number
  readonly id: string
  readonly t: string
  readonly w: string
  readonly ws: number
  readonly wp: string
  readonly app: string
  readonly act: {
    readonly k: LedgerActor['kind']
    readonly id: string
    readonly n?: string
    readonly roles?: readonly string[]
    readonly tn?: string
    readonly sid?: string
    readonly mfa?: string | null
  }
  readonly src?: { readonly ip?: string; readonly req?: string }
  readonly op: string
  readonly a: LedgerAction
  readonly res?: {
    readonly k: string
    readonly id?: string
    readonly q?: string
    readonly f?: readonly string[]
  }
  readonly subj?: readonly string[]
  readonly why?: { readonly c?: string; readonly x?: string; readonly tkt?: string }
  readonly out: { readonly r: LedgerOutcome; readonly c?: string }
  readonly d?: Readonly<Record<string, Plain>>
  readonly cor?: string
}

/** What verification needs of a body, without making a record of it. */
export function stampOf(body: string): {
  stamp: Pick<Stamp, 'id' | 'at' | 'writer' | 'seq' | 'previous'>
  columns: Columns
} {
  const parsed = JSON.parse(body) as Body
  const at = Date.parse(parsed.t)
  return {
    stamp: { id: parsed.id, at, writer: parsed.w, seq: parsed.ws, previous: parsed.wp },
    columns: columnsOf(parsed),
  }
}

/** What an entry is found by. */
export interface Columns {
  readonly actor: string
  readonly op: string
  readonly kind: string | null
  readonly resource: string | null
  readonly queue: string | null
  readonly outcome: string
}

function columnsOf({ act, op, res, out }: Body): Columns {
  return {
    actor: act.id,
    op,
    kind: res?.k ?? null,
    resource: res?.id ?? null,
    queue: res?.q ?? null,
    outcome: out.r,
  }
}

export function columnsIn(body: string): Columns {
  return columnsOf(JSON.parse(body) as Body)
}

/** An entry as people and programs read it. */
export function readEntry(index: number, text: string): LedgerRecord {
  const body = JSON.parse(text) as Body
  const { act, src, res, why } = body
  return {
    index,
    id: body.id,
    at: Date.parse(body.t),
    writer: body.w,
    app: body.app,
    actor: {
      kind: act.k,
      id: act.id,
      ...(act.n === undefined ? {} : { name: act.n }),
      ...(act.roles ? { roles: act.roles } : {}),
      ...(act.tn === undefined ? {} : { tenant: act.tn }),
      ...(act.sid === undefined ? {} : { session: { id: act.sid, mfa: act.mfa ?? null } }),
    },
    ...(src
      ? {
          source: {
            ...(src.ip === undefined ? {} : { ip: src.ip }),
            ...(src.req === undefined ? {} : { request: src.req }),
          },
        }
      : {}),
    op: body.op,
    action: body.a,
    ...(res
      ? {
          resource: {
            kind: res.k,
            ...(res.id === undefined ? {} : { id: res.id }),
            ...(res.q === undefined ? {} : { queue: res.q }),
            ...(res.f ? { fields: res.f } : {}),
          },
        }
      : {}),
    ...(body.subj ? { subjects: body.subj } : {}),
    ...(why
      ? {
          why: {
            ...(why.c === undefined ? {} : { purpose: why.c }),
            ...(why.x === undefined ? {} : { text: why.x }),
            ...(why.tkt === undefined ? {} : { ticket: why.tkt }),
          },
        }
      : {}),
    outcome: body.out.r,
    ...(body.out.c === undefined ? {} : { code: body.out.c }),
    ...(body.d ? { detail: body.d } : {}),
    ...(body.cor === undefined ? {} : { follows: body.cor }),
  }
}
