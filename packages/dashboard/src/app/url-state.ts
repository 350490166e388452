// What a page shows is in its address: filters, tab, sort, range. Going back, reloading and sharing then just work.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

export type UrlState = Readonly<Record<string, string | undefined>>

/**
 * The search of the address and a way to change parts of it; a part set to undefined or to its default goes.
 *
 * @param defaults what holds where the address says nothing
 */
export function useUrlState<State extends UrlState>(
  defaults: State,
): readonly [State, (change: Partial<State>, options?: { readonly replace?: boolean }) => void] {
  const search: Readonly<Record<string, string | undefined>> = useSearch({ strict: false })
  const navigate = useNavigate()
  const state = Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, search[key] ?? value]),
  ) as State
  const change = useCallback(
    (change: Partial<State>, { replace = true } = {}): void => {
      void navigate({
        to: '.',
        replace,
        search: (before: Record<string, unknown>) => {
          const next: Record<string, unknown> = { ...before, ...change }
          for (const [key, value] of Object.entries(next))
            if (value === undefined || value === '' || (key in defaults && value === defaults[key]))
              delete next[key]
          return next
        },
      })
    },
    [navigate, defaults],
  )
  return [state, change]
}
