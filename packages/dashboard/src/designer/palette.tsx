// What can be added: job types, and the nodes that steer. One list, filtered by typing, chosen by keys or mouse, or dragged.
import { TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useTexts } from '../app/texts.ts'
import { kindWord } from '../parts/step-kinds.ts'
import type { JobType } from './api.ts'
import { CONTROL_TYPES, type NodeType } from './document.ts'
import { StepSign } from './step-sign.tsx'
import { DESIGNER_TEXTS } from './texts.ts'

export interface Choice {
  readonly type: NodeType
  readonly job?: string
}

/** The kind of data a step from the palette is dragged as. */
export const CHOICE_TYPE = 'application/x-orderly-step'

/** @param text what was dragged; undefined where it is none of ours */
export function readChoice(text: string): Choice | undefined {
  try {
    const { type, job } = JSON.parse(text) as Choice
    return type === 'job' || CONTROL_TYPES.includes(type)
      ? { type, ...(typeof job === 'string' ? { job } : {}) }
      : undefined
  } catch {
    return undefined
  }
}

export interface PaletteProps {
  readonly jobs: readonly JobType[]
  readonly onChoose: (choice: Choice) => void
  readonly autoFocus?: boolean
}

export function Palette({ jobs, onChoose, autoFocus = false }: PaletteProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const [filter, setFilter] = useState('')
  const fits = (text: string): boolean => text.toLowerCase().includes(filter.trim().toLowerCase())
  const found = jobs.filter(({ name }) => fits(name))
  const packs = new Map<string, JobType[]>()
  for (const job of found) {
    const pack = job.name.includes('.') ? job.name.slice(0, job.name.indexOf('.')) : say('jobs')
    packs.set(pack, [...(packs.get(pack) ?? []), job])
  }
  const control = CONTROL_TYPES.filter((type) => fits(type) || fits(kindWord(type, say)))
  const first: Choice | undefined = found[0]
    ? { type: 'job', job: found[0].name }
    : control[0] && { type: control[0] }
  return (
    <div className="palette">
      <TextInput
        size="xs"
        autoFocus={autoFocus}
        data-autofocus={autoFocus || undefined}
        aria-label={say('filter')}
        placeholder={say('filter')}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && first) onChoose(first)
        }}
      />
      {jobs.length === 0 ? <p className="dim">{say('noJobs')}</p> : null}
      {[...packs].map(([pack, list]) => (
        <section key={pack}>
          <h2>{pack}</h2>
          {list.map(({ name, phi }) => (
            <Tile key={name} title={name} choice={{ type: 'job', job: name }} onChoose={onChoose}>
              <span>
                <StepSign kind="job" /> {name.slice(name.indexOf('.') + 1)}
              </span>
              {phi ? <span className="phi">PHI</span> : null}
            </Tile>
          ))}
        </section>
      ))}
      {control.length > 0 ? (
        <section>
          <h2>{say('control')}</h2>
          {control.map((type) => (
            <Tile
              key={type}
              title={say(`about ${type}`)}
              choice={
                type === 'for-each' || type === 'compensate'
                  ? { type, job: jobs[0]?.name ?? '' }
                  : { type }
              }
              onChoose={onChoose}
            >
              <span>
                <StepSign kind={type} /> {kindWord(type, say)}
              </span>
              <span className="dim">{say(`about ${type}`)}</span>
            </Tile>
          ))}
        </section>
      ) : null}
    </div>
  )
}

function Tile({
  title,
  choice,
  onChoose,
  children,
}: {
  /** What the tile has no room for. */
  readonly title?: string
  readonly choice: Choice
  readonly onChoose: (choice: Choice) => void
  readonly children: ReactNode
}) {
  return (
    <button
      type="button"
      title={title}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(CHOICE_TYPE, JSON.stringify(choice))
        event.dataTransfer.effectAllowed = 'copy'
      }}
      onClick={() => onChoose(choice)}
    >
      {children}
    </button>
  )
}
