// Who looks at the page, and what they may do. The server decides; this only keeps from offering what it would refuse.
import type { Actor } from 'orderly/api'
import { useRead } from '../api/use.ts'
import type { Problem } from './problem.ts'

export interface SessionState {
  readonly actor: Actor | undefined
  /** No user exists yet. */
  readonly needsSetup: boolean
  /** Who else vouches for people, where an identity provider is set. */
  readonly provider: { readonly label: string } | undefined
  readonly isLoading: boolean
  readonly error: Problem | null
  readonly can: (permission: string) => boolean
}

export function useSession(): SessionState {
  const { data, isLoading, error } = useRead('session.get', {})
  const actor = data?.actor ?? undefined
  return {
    actor,
    needsSetup: data?.setup ?? false,
    provider: data?.provider,
    isLoading,
    error,
    can: (permission) =>
      permission === 'signed-in' ||
      (actor?.permissions.some((each) => each === permission) ?? false),
  }
}
