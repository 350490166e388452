// Signing in: name and password, a code where the account has one, or the organisation's own sign-in.
import { Alert, Button, PasswordInput, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/call.ts'
import { client } from '../../api/use.ts'
import { asProblem } from '../../app/problem.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { ProviderButton } from '../../parts/provider-button.tsx'
import { Front } from './front.tsx'
import { SIGN_IN_TEXTS } from './texts.ts'

export function SignInPage() {
  const say = useTexts(SIGN_IN_TEXTS)
  const navigate = useNavigate()
  const { needsSetup } = useSession()
  const { to }: { to?: string } = useSearch({ strict: false })
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [needsCode, setNeedsCode] = useState(false)
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  // Only a path of this server: what stands in the address may come from anybody.
  const target = to?.startsWith('/') && !to.startsWith('//') ? to : '/'
  const signIn = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      await call('session.create', {
        body: {
          login: name.trim(),
          password,
          ...(code.trim() === '' ? {} : { code: code.trim() }),
        },
      })
      client.clear()
      await navigate({ href: target, replace: true })
    } catch (problem) {
      if (/code|second factor/i.test(asProblem(problem).detail)) setNeedsCode(true)
      setError(problem)
    }
    setBusy(false)
  }
  return (
    <Front title={say('title')} lead={say('lead')}>
      {needsSetup ? <Alert mb="md">{say('needsSetup')}</Alert> : null}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void signIn()
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
          required
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {needsCode ? (
          <TextInput
            label={say('code')}
            description={say('codeText')}
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        ) : (
          <Button
            variant="subtle"
            size="compact-xs"
            style={{ alignSelf: 'flex-start' }}
            onClick={() => setNeedsCode(true)}
          >
            {say('haveCode')}
          </Button>
        )}
        {error ? <Failure error={error} /> : null}
        <Button type="submit" size="md" loading={isBusy}>
          {say('signIn')}
        </Button>
        <ProviderButton to={target} />
      </form>
    </Front>
  )
}
