// Showing once more who one is, where the sign-in is older than what is asked for allows.
import { Alert, Button, PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useWrite } from '../api/use.ts'
import { useTexts } from '../app/texts.ts'
import { Failure } from './blank.tsx'
import { ProviderButton } from './provider-button.tsx'

const TEXTS = {
  text: [
    'Your sign-in is older than five minutes. Show once more that it is you.',
    'Inició sesión hace más de cinco minutos. Demuestre otra vez que es usted.',
  ],
  password: ['Password', 'Contraseña'],
  code: ['One-time code, if you have one', 'Código de un solo uso, si lo tiene'],
  go: ['It is me', 'Soy yo'],
} as const

export function StepUp({ onDone }: { readonly onDone: () => void }) {
  const say = useTexts(TEXTS)
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const write = useWrite('session.step-up', { isQuiet: true, onDone })
  return (
    <Alert color="yellow">
      <div className="stack" style={{ gap: '0.5rem' }}>
        <span>{say('text')}</span>
        <PasswordInput
          label={say('password')}
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <TextInput
          label={say('code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        {write.error ? <Failure error={write.error} /> : null}
        <Button
          style={{ alignSelf: 'flex-start' }}
          loading={write.isPending}
          disabled={password === ''}
          onClick={() =>
            write.mutate({
              body: { password, ...(code.trim() === '' ? {} : { code: code.trim() }) },
            })
          }
        >
          {say('go')}
        </Button>
        <ProviderButton to={`${location.pathname}${location.search}`} stepUp />
      </div>
    </Alert>
  )
}
