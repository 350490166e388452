// The panels below the canvas: what is wrong, and what would run when.
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Problem } from '../app/problem.ts'
import { useTexts } from '../app/texts.ts'
import { ServerText, useProblemLine } from '../parts/server-text.tsx'
import { ask, type Finding, type Simulation } from './api.ts'
import type { DesignDocument } from './document.ts'
import { DESIGNER_TEXTS } from './texts.ts'

export interface ProblemsProps {
  readonly findings: readonly Finding[]
  /** Why the server could not be asked, where it could not. */
  readonly unchecked: Problem | undefined
  /** There is nothing yet that could be wrong. */
  readonly isEmpty: boolean
  readonly onOpen: (node: string) => void
}

export function Problems({ findings, unchecked, isEmpty, onOpen }: ProblemsProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const problemLine = useProblemLine()
  if (isEmpty) return <p className="dim">{say('noSteps')}</p>
  if (unchecked !== undefined)
    return <p className="dim">{say('unchecked', { why: problemLine(unchecked) })}</p>
  if (findings.length === 0) return <p className="dim">✓ {say('noProblems')}</p>
  return (
    <ul className="problems">
      {findings.map(({ node, code, message }, index) => (
        <li key={`${index}${message}`}>
          {node === '' ? (
            <span>
              <ServerText of={message} />
            </span>
          ) : (
            <button type="button" onClick={() => onOpen(node)}>
              <strong>{node}</strong> <ServerText of={message} />
            </button>
          )}
          <code>{code}</code>
        </li>
      ))}
    </ul>
  )
}

export interface SimulateProps {
  readonly document: DesignDocument
  readonly onPlayed: (simulation: Simulation | undefined) => void
  readonly onOpen: (node: string) => void
}

export function Simulate({ document, onPlayed, onOpen }: SimulateProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const problemLine = useProblemLine()
  const [played, setPlayed] = useState<Simulation>()
  const [wrong, setWrong] = useState<string>()
  const play = async (): Promise<void> => {
    try {
      const simulation = await ask('workflows.simulate', { body: { document } })
      setWrong(undefined)
      setPlayed(simulation)
      onPlayed(simulation)
    } catch (error) {
      setWrong(problemLine(error))
      onPlayed(undefined)
    }
  }
  const start = played?.events[0]?.at ?? 0
  const whole = Math.max(1, played?.duration ?? 1)
  return (
    <div className="simulate">
      <Button size="xs" onClick={() => void play()}>
        {say('run')}
      </Button>
      {wrong === undefined ? null : (
        <p role="alert" className="wrong">
          {wrong}
        </p>
      )}
      {played ? (
        <>
          <p>
            {say('simulated', { end: say(played.end), span: spanText(played.duration) })}{' '}
            {say('longest', { way: played.longest.join(' → ') })}
          </p>
          {played.unsure.map((sentence) => (
            <p key={sentence} className="dim">
              <ServerText of={sentence} />
            </p>
          ))}
          <ol className="bars">
            {barsOf(played).map(({ node, from, to, state }) => (
              <li key={node}>
                <button type="button" onClick={() => onOpen(node)}>
                  {node}
                </button>
                <span className="bar">
                  <span
                    className={`is-${state}`}
                    style={{
                      marginInlineStart: `${((from - start) / whole) * 100}%`,
                      width: `${Math.max(0.5, ((to - from) / whole) * 100)}%`,
                    }}
                  />
                </span>
                <span className="dim">{spanText(to - from)}</span>
              </li>
            ))}
          </ol>
        </>
      ) : null}
    </div>
  )
}

interface Bar {
  readonly node: string
  readonly from: number
  readonly to: number
  readonly state: string
}

function barsOf({ events }: Simulation): Bar[] {
  const bars = new Map<string, Bar>()
  for (const { at, node, what } of events) {
    if (node === '' || what === 'skipped') continue
    const before = bars.get(node)
    bars.set(node, { node, from: before?.from ?? at, to: at, state: what })
  }
  return [...bars.values()].toSorted((a, b) => a.from - b.from || a.to - b.to).slice(0, 500)
}

/** A span in the largest unit that leaves it short: `90d`, `2h`, `10s`. */
function spanText(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const)
    if (ms >= size) return `${Math.round((ms / size) * 10) / 10} ${unit}`
  return `${Math.round(ms)} ms`
}
