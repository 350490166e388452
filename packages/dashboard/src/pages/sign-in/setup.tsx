// The first start: whoever holds the link of the terminal makes the first administrator.
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/call.ts'
import { client } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { Front } from './front.tsx'
import { SIGN_IN_TEXTS } from './texts.ts'

const SHORTEST_PASSWORD = 15

export function SetupPage() {
  const say = useTexts(SIGN_IN_TEXTS)
  const navigate = useNavigate()
  const { token = '' }: { token?: string } = useSearch({ strict: false })
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const isReady = name.trim() !== '' && password.length >= SHORTEST_PASSWORD && password === again
  const make = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await call('setup.complete', {
        body: { token, name: name.trim(), password },
      })
      client.clear()
      await navigate({ to: '/', replace: true })
    } catch (problem) {
      setError(problem)
    }
    setBusy(false)
  }
  return (
    <Front title={say('setupTitle')} lead={say('setupLead')}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) void make()
        }}
      >
        <TextInput
          label={say('name')}
          required
          autoFocus
          autoComplete="username"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={say('password')}
          description={say('passwordText')}
          required
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          label={say('again')}
          required
          autoComplete="new-password"
          value={again}
          error={again !== '' && again !== password ? say('differs') : undefined}
          onChange={(event) => setAgain(event.currentTarget.value)}
        />
        {error ? <Failure error={error} /> : null}
        <Button type="submit" size="md" loading={isBusy} disabled={!isReady}>
          {say('make')}
        </Button>
      </form>
    </Front>
  )
}
