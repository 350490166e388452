// A list of steps to choose from by typing: to connect one with, or to find one.
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../app/texts.ts'
import { DESIGNER_TEXTS } from './texts.ts'
import { Dialog } from '../parts/dialog.tsx'

export interface AskStepProps {
  readonly title: string
  readonly names: readonly string[]
  readonly onChoose: (name: string) => void
  readonly onClose: () => void
}

const MOST_SHOWN = 12

export function AskStep({ title, names, onChoose, onClose }: AskStepProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const found = names
    .filter((name) => name.toLowerCase().includes(typed.trim().toLowerCase()))
    .slice(0, MOST_SHOWN)
  const chosen = found[Math.min(at, found.length - 1)]
  return (
    <Dialog opened onClose={onClose} title={title} size="sm" transitionProps={{ duration: 0 }}>
      <TextInput
        autoFocus
        data-autofocus
        aria-label={title}
        aria-activedescendant={chosen === undefined ? undefined : `step-${chosen}`}
        value={typed}
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1))
          else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
          else if (event.key === 'Enter' && chosen !== undefined) onChoose(chosen)
          else return
          event.preventDefault()
        }}
      />
      {found.length === 0 ? <p className="dim">{say('noneFits')}</p> : null}
      <ul className="choices" role="listbox" aria-label={title}>
        {found.map((name) => (
          <li key={name} id={`step-${name}`} role="option" aria-selected={name === chosen}>
            <button type="button" tabIndex={-1} onClick={() => onChoose(name)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
