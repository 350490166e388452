// What can be added: job types, and the nodes that steer. One list, filtered by typing, worked with mouse or keys.
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../app/texts.ts'
import type { JobType } from './api.ts'
import { CONTROL_TYPES, type NodeType } from './document.ts'
import { DESIGNER_TEXTS } from './texts.ts'

export interface Choice {
  readonly type: NodeType
  readonly job?: string
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
  const control = CONTROL_TYPES.filter(fits)
  const first: Choice | undefined = found[0]
    ? { type: 'job', job: found[0].name }
    : control[0] && { type: control[0] }
  return (
    <div className="palette">
      <TextInput
        size="xs"
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
          <h3>{pack}</h3>
          {list.map(({ name, phi }) => (
            <button key={name} type="button" onClick={() => onChoose({ type: 'job', job: name })}>
              {name}
              {phi ? <span className="phi">PHI</span> : null}
            </button>
          ))}
        </section>
      ))}
      {control.length > 0 ? (
        <section>
          <h3>{say('control')}</h3>
          {control.map((type) => (
            <button
              key={type}
              type="button"
              className={`step-${type}`}
              onClick={() =>
                onChoose(
                  type === 'for-each' || type === 'compensate'
                    ? { type, job: jobs[0]?.name ?? '' }
                    : { type },
                )
              }
            >
              {type}
            </button>
          ))}
        </section>
      ) : null}
    </div>
  )
}
