// Who looks at the page, and what they may do. The server decides; this only keeps from offering what it would refuse.
import { useRead } from '../api/use.ts'
import type { Problem } from './problem.ts'

export interface Session {
  readonly actor: {
    readonly id: string
    readonly name: string
    readonly kind: string
    readonly roles: readonly string[]
  } | null
  readonly permissions: readonly string[]
  readonly environment: string
}

export interface SessionState {
  readonly session: Session | undefined
  readonly isLoading: boolean
  readonly error: Problem | null
  readonly can: (permission: string) => boolean
}

export function useSession(): SessionState {
  const { data, isLoading, error } = useRead('session.get', {})
  return {
    session: data,
    isLoading,
    error,
    can: (permission) =>
      permission === 'signed-in' || (data?.permissions.includes(permission) ?? false),
  }
}
