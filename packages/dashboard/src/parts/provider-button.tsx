// The way to the identity provider, where one is set: it leaves this page and comes back to it.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { call } from '../api/call.ts'
import { useSession } from '../app/session.ts'
import { useTexts } from '../app/texts.ts'
import { Failure } from './blank.tsx'

const TEXTS = {
  signIn: ['Sign in with {label}', 'Entrar con {label}'],
  stepUp: ['Show it with {label}', 'Demostrarlo con {label}'],
} as const

export function ProviderButton({
  to,
  stepUp = false,
}: {
  /** The page to come back to. */
  readonly to: string
  /** Shows once more who is signed in. */
  readonly stepUp?: boolean
}) {
  const say = useTexts(TEXTS)
  const { provider } = useSession()
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  if (provider === undefined) return null
  const leave = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      const { url } = await call('session.provider', { body: { to, stepUp } })
      location.assign(url)
    } catch (problem) {
      setError(problem)
      setBusy(false)
    }
  }
  return (
    <>
      <Button
        variant="default"
        size={stepUp ? 'sm' : 'md'}
        loading={isBusy}
        onClick={() => void leave()}
      >
        {say(stepUp ? 'stepUp' : 'signIn', { label: provider.label })}
      </Button>
      {error ? <Failure error={error} /> : null}
    </>
  )
}
