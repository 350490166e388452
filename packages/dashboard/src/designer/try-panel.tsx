// Trying one step: what it would be given, which way it would take, what it is taken to have returned; and its job, for once.
import { Button, JsonInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useServerWords } from '../app/server-words.ts'
import { useSession } from '../app/session.ts'
import { useTexts } from '../app/texts.ts'
import { after } from '../app/time-source.ts'
import { StateBadge } from '../parts/state-badge.tsx'
import { useProblemLine } from '../parts/server-text.tsx'
import { ask, type JobDetail, type JobSeen, type TriedStep } from './api.ts'
import { setPin } from './design.ts'
import type { DesignDocument } from './document.ts'
import { DESIGNER_TEXTS } from './texts.ts'

export interface TryProps {
  readonly document: DesignDocument
  readonly node: string
  readonly job: JobDetail | undefined
  readonly onChange: (document: DesignDocument, about?: string) => void
}

const TRY_AFTER_MS = 250
const LOOK_AFTER_MS = 700
const ENDED = new Set(['completed', 'failed', 'dead', 'cancelled', 'removed'])

export function TryPanel({ document, node, job, onChange }: TryProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const problemLine = useProblemLine()
  const latest = useRef(problemLine)
  latest.current = problemLine
  const [input, setInput] = useState('')
  const [answered, setAnswered] = useState<{
    of: DesignDocument
    input: string
    tried: TriedStep
  }>()
  const [wrong, setWrong] = useState<string>()
  // What was tried before the last change is no answer any more.
  const tried = answered?.of === document && answered.input === input ? answered.tried : undefined
  const given = valueOf(input)
  useEffect(() => {
    const stop = new AbortController()
    const forget = after(TRY_AFTER_MS, () => {
      const body = { document, node, ...(given === undefined ? {} : { input: given.value }) }
      ask('workflows.try', { body }, { signal: stop.signal }).then(
        (answer) => {
          setAnswered({ of: document, input, tried: answer })
          setWrong(undefined)
        },
        (error: unknown) => {
          if (stop.signal.aborted) return
          setWrong(latest.current(error))
        },
      )
    })
    return () => {
      forget()
      stop.abort()
    }
    // What is typed is compared as text.
  }, [document, node, input])
  const name = document.nodes[node]?.['job']
  return (
    <div className="try">
      <section>
        <h3>{say('tryInput')}</h3>
        <JsonInput
          size="xs"
          autosize
          minRows={2}
          maxRows={8}
          aria-label={say('tryInput')}
          placeholder={say('tryInputHint')}
          classNames={{ input: 'mono' }}
          validationError={say('notJson')}
          value={input}
          onChange={setInput}
        />
        <Pin key={node} document={document} node={node} onChange={onChange} />
      </section>
      <section aria-live="polite">
        <h3>{say('tried', { name: node })}</h3>
        {wrong === undefined ? null : (
          <p role="alert" className="wrong">
            {wrong}
          </p>
        )}
        {tried && wrong === undefined ? <Outcome tried={tried} /> : null}
        {tried && typeof name === 'string' && job ? (
          <ForReal
            key={node}
            type={name}
            input={tried.input}
            phi={job.inputFields.length > 0}
            onPin={(output) => onChange(setPin(document, node, output))}
          />
        ) : null}
      </section>
    </div>
  )
}

function Outcome({ tried: { input, worked, ways, assumed } }: { readonly tried: TriedStep }) {
  const say = useTexts(DESIGNER_TEXTS)
  const words = useServerWords()
  return (
    <>
      {assumed.length > 0 ? (
        <p className="dim">{say('assumed', { names: assumed.join(', ') })}</p>
      ) : null}
      {input === null ? null : <pre className="mono">{JSON.stringify(input, null, 2)}</pre>}
      <ul className="worked">
        {worked.map(({ what, text, value, wrong }) => (
          <li key={`${what} ${text}`} className={wrong === null ? undefined : 'wrong'}>
            <strong>{what}</strong> <code>{text}</code>{' '}
            <span>{wrong === null ? `= ${shortOf(value)}` : `✗ ${words(wrong)}`}</span>
          </li>
        ))}
        {ways.map(({ to, taken }) => (
          <li key={`→ ${to}`}>
            {taken === true ? '✓' : taken === false ? '–' : '?'} → <strong>{to}</strong>{' '}
            <span className="dim">
              {say(taken === true ? 'taken' : taken === false ? 'notTaken' : 'unsure')}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Pin({ document, node, onChange }: Pick<TryProps, 'document' | 'node' | 'onChange'>) {
  const say = useTexts(DESIGNER_TEXTS)
  const pins = document.design?.pins ?? {}
  const pinned = Object.hasOwn(pins, node) ? JSON.stringify(pins[node], null, 2) : undefined
  const [typed, setTyped] = useState(pinned ?? '')
  // What is pinned elsewhere, by undoing or in the source, shows here too.
  useEffect(() => setTyped(pinned ?? ''), [pinned])
  const value = valueOf(typed)
  return (
    <>
      <h3>{say('pin')}</h3>
      <JsonInput
        size="xs"
        autosize
        minRows={2}
        maxRows={8}
        aria-label={say('pin')}
        description={say('pinHint')}
        classNames={{ input: 'mono' }}
        validationError={say('notJson')}
        value={typed}
        onChange={setTyped}
      />
      <div className="row">
        <Button
          size="compact-xs"
          disabled={value === undefined || typed === pinned}
          onClick={() => value && onChange(setPin(document, node, value.value))}
        >
          {say('doPin')}
        </Button>
        {pinned === undefined ? null : (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => onChange(setPin(document, node, undefined))}
          >
            {say('unpin')}
          </Button>
        )}
      </div>
    </>
  )
}

interface ForRealProps {
  readonly type: string
  readonly input: unknown
  readonly phi: boolean
  readonly onPin: (output: unknown) => void
}

/** Runs the job of the step once, as an ordinary job. What it returns comes masked, and may be pinned as it comes. */
function ForReal({ type, input, phi, onPin }: ForRealProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const problemLine = useProblemLine()
  const { can } = useSession()
  const [id, setId] = useState<string>()
  const [seen, setSeen] = useState<JobSeen>()
  const [wrong, setWrong] = useState<string>()
  useEffect(() => {
    if (id === undefined || (seen && ENDED.has(seen.state))) return
    let isHere = true
    const forget = after(seen ? LOOK_AFTER_MS : 150, () => {
      ask('jobs.get', { params: { id } }).then(
        (answer) => isHere && setSeen(answer),
        (error: unknown) => isHere && setWrong(problemLine(error)),
      )
    })
    return () => {
      isHere = false
      forget()
    }
  }, [id, seen])
  if (!can('jobs:enqueue')) return null
  const run = async (): Promise<void> => {
    try {
      setWrong(undefined)
      setSeen(undefined)
      const body = { type, input, options: { tags: ['designer'] } }
      setId((await ask('jobs.create', { body })).id)
    } catch (error) {
      setId(undefined)
      setWrong(problemLine(error))
    }
  }
  return (
    <div className="for-real">
      <div className="row">
        <Button size="xs" variant="default" onClick={() => void run()}>
          {say('runStep')}
        </Button>
        {id === undefined ? null : (
          <Link className="link" to="/jobs/$id" params={{ id }}>
            {say('openJob')}
          </Link>
        )}
        {seen ? <StateBadge state={seen.state} /> : null}
      </div>
      <p className="dim">{say(phi ? 'runStepPhi' : 'runStepHint', { type })}</p>
      {wrong === undefined ? null : (
        <p role="alert" className="wrong">
          {wrong}
        </p>
      )}
      {seen?.state === 'completed' ? (
        <>
          <pre className="mono">{JSON.stringify(seen.output ?? null, null, 2)}</pre>
          <Button size="compact-xs" onClick={() => onPin(seen.output ?? null)}>
            {say('pinThis')}
          </Button>
        </>
      ) : null}
    </div>
  )
}

function valueOf(text: string): { readonly value: unknown } | undefined {
  if (text.trim() === '') return undefined
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

function shortOf(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}
