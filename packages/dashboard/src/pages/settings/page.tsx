// Settings: one's own account and sessions, and what the installation was opened with.
import { Alert, Button, Code, PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { StepUp } from '../../parts/step-up.tsx'

const TEXTS = {
  title: ['Settings', 'Ajustes'],
  account: ['Password', 'Contraseña'],
  current: ['Password now', 'Contraseña actual'],
  next: ['New password', 'Contraseña nueva'],
  nextText: ['15 characters or more; a sentence is fine.', '15 caracteres o más; sirve una frase.'],
  short: [
    'Still too short: {n|one more character|{n} more characters}.',
    'Aún es corta: {n|falta un carácter|faltan {n} caracteres}.',
  ],
  change: ['Change the password', 'Cambiar la contraseña'],
  changed: [
    'The password is changed; your other sessions have ended.',
    'Contraseña cambiada; sus otras sesiones terminaron.',
  ],
  factor: ['Second factor', 'Segundo factor'],
  factorText: [
    'An authenticator app gives a code at each sign-in.',
    'Una aplicación de autenticación da un código en cada acceso.',
  ],
  begin: ['Set it up', 'Activarlo'],
  secret: [
    'Put this secret into your app, then type the code it shows.',
    'Ponga este secreto en su aplicación y escriba el código que muestre.',
  ],
  code: ['Code', 'Código'],
  confirm: ['Confirm', 'Confirmar'],
  confirmed: [
    'From now on each sign-in asks for a code.',
    'Desde ahora cada acceso pide un código.',
  ],
  sessions: ['My sessions', 'Mis sesiones'],
  where: ['From', 'Desde'],
  browser: ['Browser', 'Navegador'],
  seen: ['Last used', 'Último uso'],
  end: ['End', 'Terminar'],
  here: ['this one', 'esta'],
  installation: ['Installation', 'Instalación'],
  home: ['Folder', 'Carpeta'],
  queues: ['Queues are kept in', 'Las colas están en'],
  database: ['History is kept in', 'La historia está en'],
  retention: ['History is kept for', 'La historia se guarda'],
  release: ['Release', 'Versión'],
  production: ['Production', 'Producción'],
  phi: ['Holds PHI', 'Contiene PHI'],
  yes: ['yes', 'sí'],
  no: ['no', 'no'],
} as const

const SHORTEST_PASSWORD = 15

export function SettingsPage() {
  const say = useTexts(TEXTS)
  const { actor, can } = useSession()
  return (
    <Page title={say('title')}>
      {actor?.kind === 'user' ? (
        <>
          <div className="two">
            <Password />
            <SecondFactor />
          </div>
          <Sessions />
        </>
      ) : null}
      {can('settings:read') ? <Installation /> : null}
    </Page>
  )
}

function Password() {
  const say = useTexts(TEXTS)
  const [password, setPassword] = useState('')
  const [next, setNext] = useState('')
  const write = useWrite('session.password', {
    isQuiet: true,
    done: say('changed'),
    onDone: () => {
      setPassword('')
      setNext('')
    },
  })
  return (
    <Card title={say('account')}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          write.mutate({ body: { password, next } })
        }}
      >
        <PasswordInput
          label={say('current')}
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          label={say('next')}
          description={say('nextText')}
          autoComplete="new-password"
          value={next}
          error={
            next !== '' && next.length < SHORTEST_PASSWORD
              ? say('short', { n: SHORTEST_PASSWORD - next.length })
              : undefined
          }
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        {write.error ? <Failure error={write.error} /> : null}
        <Button
          type="submit"
          style={{ alignSelf: 'flex-start' }}
          loading={write.isPending}
          disabled={password === '' || next.length < SHORTEST_PASSWORD}
        >
          {say('change')}
        </Button>
      </form>
    </Card>
  )
}

function SecondFactor() {
  const say = useTexts(TEXTS)
  const [code, setCode] = useState('')
  const begin = useWrite('session.totp-begin', { isQuiet: true })
  const confirm = useWrite('session.totp-confirm', {
    isQuiet: true,
    done: say('confirmed'),
    onDone: () => begin.reset(),
  })
  const error = begin.error ?? confirm.error
  return (
    <Card title={say('factor')}>
      <div className="stack">
        <span className="quiet">{say('factorText')}</span>
        {error?.code === 'ORDERLY_STEP_UP_NEEDED' ? (
          <StepUp onDone={() => begin.mutate({})} />
        ) : error ? (
          <Failure error={error} />
        ) : null}
        {begin.data ? (
          <>
            <Alert color="teal">
              {say('secret')} <Code>{begin.data.secret}</Code>
            </Alert>
            <TextInput
              label={say('code')}
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
            <Button
              style={{ alignSelf: 'flex-start' }}
              disabled={code.length !== 6}
              onClick={() => confirm.mutate({ body: { code } })}
            >
              {say('confirm')}
            </Button>
          </>
        ) : (
          <Button
            variant="default"
            style={{ alignSelf: 'flex-start' }}
            loading={begin.isPending}
            onClick={() => begin.mutate({})}
          >
            {say('begin')}
          </Button>
        )}
      </div>
    </Card>
  )
}

function Sessions() {
  const say = useTexts(TEXTS)
  const read = useRead('sessions.own', {})
  const end = useWrite('sessions.end')
  return (
    <Card title={say('sessions')} isFlush>
      <Answered read={read}>
        {({ data }) => (
          <List
            label={say('sessions')}
            rows={data}
            rowKey={({ id }) => id}
            empty={null}
            columns={[
              {
                key: 'where',
                label: say('where'),
                cell: ({ address }) => <span className="mono">{address}</span>,
              },
              { key: 'agent', label: say('browser'), isClipped: true, cell: ({ agent }) => agent },
              {
                key: 'seen',
                label: say('seen'),
                isNumber: true,
                cell: ({ seenAt }) => <Instant at={seenAt} />,
              },
            ]}
            actions={({ id, current }) =>
              current ? (
                <StateBadge state="completed" label={say('here')} />
              ) : (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => end.mutate({ params: { id } })}
                >
                  {say('end')}
                </Button>
              )
            }
          />
        )}
      </Answered>
    </Card>
  )
}

function Installation() {
  const say = useTexts(TEXTS)
  const format = useFormats()
  const read = useRead('settings.get', {})
  return (
    <Card title={say('installation')}>
      <Answered read={read}>
        {(settings) => (
          <dl className="facts">
            <dt>{say('release')}</dt>
            <dd className="mono">{settings.release}</dd>
            <dt>{say('production')}</dt>
            <dd>{say(settings.production ? 'yes' : 'no')}</dd>
            <dt>{say('phi')}</dt>
            <dd>{say(settings.holdsPhi ? 'yes' : 'no')}</dd>
            <dt>{say('home')}</dt>
            <dd className="mono">{settings.home}</dd>
            <dt>{say('queues')}</dt>
            <dd className="mono">{settings.queueUrl}</dd>
            <dt>{say('database')}</dt>
            <dd className="mono">{settings.databaseUrl}</dd>
            <dt>{say('retention')}</dt>
            <dd>{format.span(settings.historyRetention)}</dd>
          </dl>
        )}
      </Answered>
    </Card>
  )
}
