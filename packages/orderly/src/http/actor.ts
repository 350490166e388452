// How the server finds out who calls it, and where it writes that down: the seam that access and ledger fill.
import type { IncomingMessage } from 'node:http'
import type { Actor } from '../access/actor.ts'
import type { ProviderSignIn } from './provider.ts'
import type { SessionCookie } from './session-cookie.ts'

/** What a call is done to. `kind` is the area of its operation unless told; ids are never PHI. */
export interface Target {
  readonly kind?: string
  readonly id: string
}

/** One call, for the ledger. Nothing of it is PHI. */
export interface CallEntry {
  readonly operation: string
  /** `denied`: the caller was refused, for want of sign-in or of a permission. */
  readonly audit: 'read' | 'write' | 'reveal' | 'denied'
  readonly actor: Actor | undefined
  readonly requestId: string
  readonly address: string
  /** What it was done to, where that is one thing. */
  readonly target: Target | undefined
  /** The queue it was about, where that is one. */
  readonly queue?: string | undefined
  /** The status it was answered with. */
  readonly status: number
  readonly notes: Readonly<Record<string, string | number | boolean | null>>
}

/** What the server asks of whoever knows the callers. */
export interface Callers {
  /**
   * Who sends this request; undefined where nobody known does.
   *
   * @throws OrderlyError to refuse the request whatever it asks for
   */
  authenticate(request: IncomingMessage): Promise<Actor | undefined>
  /** Where a request came from; the other end of its connection unless told. */
  addressOf?(request: IncomingMessage): string
  /**
   * Throws unless the ledger can be written: asked before calls that reveal or change anything, so that none goes
   * unrecorded.
   */
  ready?(operation?: string): Promise<void>
  /** Writes to the ledger what was called and how it ended. */
  record?(entry: CallEntry): Promise<void>
  /** Does `work` on behalf of a caller: what the rooms below put on the ledger says who it was. */
  as?<T>(
    call: {
      readonly actor: Actor | undefined
      readonly requestId: string
      readonly address: string
      /** `record` tells of this call: what it does in the rooms below is told of no second time. */
      readonly isRecorded: boolean
    },
    work: () => Promise<T>,
  ): Promise<T>
  /** Who else vouches for people, where a provider is set. */
  readonly provider?: ProviderSignIn
  /** How sessions are held, where there are some. */
  readonly cookie?: SessionCookie
  /** Goes up whenever somebody's rights change: open streams then ask again. */
  version?(): Promise<number>
}

/** Where a request came from, as those who know the callers see it. */
export function addressOf(
  { addressOf: seen }: Callers,
  { raw, ip }: { readonly raw: IncomingMessage; readonly ip: string },
): string {
  return seen?.(raw) ?? ip
}

/** Nobody is known: everything but what is for anyone is refused. */
export const NOBODY: Callers = { authenticate: () => Promise.resolve(undefined) }

/** Who has not signed in. */
export const STRANGER: Actor = {
  id: 'nobody',
  kind: 'system',
  name: 'nobody',
  roles: [],
  permissions: [],
  tenant: 'default',
  queues: [],
}
