// What stands where there is nothing, not yet, or something went wrong.
import { Alert, Button, Code, Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import { asProblem } from '../app/problem.ts'
import { PROBLEM_TEXTS, titleOf } from '../app/problem-words.ts'
import { useServerWords } from '../app/server-words.ts'
import { useTexts } from '../app/texts.ts'
import { IconAlertTriangle, IconInbox, IconLock } from '../look/icons.ts'

const TEXTS = {
  loading: ['Loading', 'Cargando'],
  again: ['Try again', 'Reintentar'],
  away: ['The server does not answer', 'El servidor no responde'],
  awayText: [
    'It may have stopped, or the network is down. What you see may be old.',
    'Puede haberse detenido, o no hay red. Lo que ve puede ser antiguo.',
  ],
  forbidden: ['Your role does not include this', 'Su función no incluye esto'],
  forbiddenText: [
    'Ask an administrator for the permission; who has which is on the Access page.',
    'Pida el permiso a un administrador; quién tiene cuál está en la página Accesos.',
  ],
  gone: ['It is not there', 'No está'],
  request: ['Request {id}', 'Petición {id}'],
  part: ['Not on this server', 'No en este servidor'],
} as const

export function Blank({
  title,
  children,
  action,
}: {
  readonly title: string
  readonly children?: ReactNode
  readonly action?: ReactNode
}) {
  return (
    <div className="blank">
      <IconInbox size={30} stroke={1.4} aria-hidden />
      <strong>{title}</strong>
      {children ? <p>{children}</p> : null}
      {action}
    </div>
  )
}

export function Loading({ lines = 5 }: { readonly lines?: number }) {
  const say = useTexts(TEXTS)
  return (
    <div role="status" aria-label={say('loading')} className="stack" style={{ padding: '0.75rem' }}>
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={16} width={`${92 - ((index * 17) % 40)}%`} radius="sm" />
      ))}
    </div>
  )
}

export function Failure({
  error,
  onAgain,
}: {
  readonly error: unknown
  readonly onAgain?: () => void
}) {
  const say = useTexts(TEXTS)
  const sayProblem = useTexts(PROBLEM_TEXTS)
  const words = useServerWords()
  const problem = asProblem(error)
  const isAway = problem.status === 0
  const isForbidden = problem.status === 403
  return (
    <Alert
      color={isForbidden || problem.status === 404 ? 'gray' : 'red'}
      role="alert"
      icon={isForbidden ? <IconLock size={18} /> : <IconAlertTriangle size={18} />}
      title={isAway ? say('away') : isForbidden ? say('forbidden') : titleOf(problem, sayProblem)}
      className="failure"
    >
      <div className="stack" style={{ gap: '0.5rem', alignItems: 'flex-start' }}>
        <span>
          {isAway
            ? say('awayText')
            : isForbidden
              ? say('forbiddenText')
              : sentence(words(problem.detail))}{' '}
          {problem.fix ? words(problem.fix) : null}
        </span>
        {problem.misfits.map(({ pointer, message }) => (
          <span key={pointer}>
            <Code>{pointer}</Code> {words(message)}
          </span>
        ))}
        {problem.code || problem.requestId ? (
          <span className="quiet mono">
            {problem.code} {problem.requestId}
          </span>
        ) : null}
        {onAgain && mayHelp(problem.status) ? (
          <Button size="xs" variant="default" onClick={onAgain}>
            {say('again')}
          </Button>
        ) : null}
      </div>
    </Alert>
  )
}

/** Asking once more helps where the server was the reason; never where what was asked was. */
function mayHelp(status: number): boolean {
  return status === 0 || status === 401 || status === 412 || status === 429 || status >= 500
}

/** The server's own words, which go on behind a code, as a sentence that stands alone. */
function sentence(text: string): string {
  return text === ''
    ? ''
    : `${text[0]!.toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`
}

/** What to do next, where it is said in passing. */
export function ProblemDetail({ error }: { readonly error: unknown }) {
  const words = useServerWords()
  const { detail, fix } = asProblem(error)
  return [detail, fix].flatMap((each) => (each ? [sentence(words(each))] : [])).join(' ')
}

/** What went wrong, in a word, where it is said in passing. */
export function ProblemTitle({ error }: { readonly error: unknown }) {
  const say = useTexts(PROBLEM_TEXTS)
  return titleOf(asProblem(error), say)
}
