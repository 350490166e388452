// The first start: whoever holds the link of the terminal makes the first administrator.
import { Alert, Button, PasswordInput, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/call.ts'
import { client, useRead } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { Front } from './front.tsx'
import { SIGN_IN_TEXTS } from './texts.ts'

const SHORTEST_PASSWORD = 15

export function SetupPage() {
  const say = useTexts(SIGN_IN_TEXTS)
  const navigate = useNavigate()
  const { needsSetup } = useSession()
  // What stands after # in an address is not sent to any server, so no log on the way holds it.
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? ''
  const [login, setLogin] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const check = useRead('setup.check', { body: { token } }, { enabled: token !== '' && !isBusy })
  const isReady =
    token !== '' &&
    !check.isError &&
    (!needsSetup || login.trim() !== '') &&
    password.length >= SHORTEST_PASSWORD &&
    password === again
  const make = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await call('setup.accept', {
        body: {
          token,
          password,
          ...(needsSetup ? { login: login.trim(), name: name.trim() || login.trim() } : {}),
        },
      })
      client.clear()
      await navigate({ to: '/', replace: true })
    } catch (problem) {
      setError(problem)
    }
    setBusy(false)
  }
  return (
    <Front title={say('setupTitle')} lead={say(needsSetup ? 'setupLead' : 'inviteLead')}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) void make()
        }}
      >
        {token === '' ? <Alert color="yellow">{say('noToken')}</Alert> : null}
        {check.isError && !error ? <Failure error={check.error} /> : null}
        {needsSetup ? (
          <>
            <TextInput
              label={say('name')}
              required
              autoFocus
              autoComplete="username"
              value={login}
              onChange={(event) => setLogin(event.currentTarget.value)}
            />
            <TextInput
              label={say('displayName')}
              autoComplete="name"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          </>
        ) : null}
        <PasswordInput
          label={say('password')}
          description={say('passwordText')}
          required
          autoComplete="new-password"
          value={password}
          error={
            password !== '' && password.length < SHORTEST_PASSWORD
              ? say('short', { n: SHORTEST_PASSWORD - password.length })
              : undefined
          }
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
