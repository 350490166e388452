// Lets in who is signed in, and sends others to where they can: signing in, or setting the server up.
import { Center, Loader } from '@mantine/core'
import { Navigate, useRouterState } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Failure } from '../parts/blank.tsx'
import { useSession } from './session.ts'

export function Gate({ children }: { readonly children: ReactNode }) {
  const { actor, isLoading, error } = useSession()
  const here = useRouterState({ select: (state) => state.location.href })
  if (actor) return children
  if (isLoading)
    return (
      <Center mih="60vh">
        <Loader aria-label="Orderly" />
      </Center>
    )
  if (error && error.status !== 401) return <Failure error={error} />
  return <Navigate to="/sign-in" search={{ to: here }} replace />
}
