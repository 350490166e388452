// A value as a tree: keys in order, masks shown as masks, long branches folded.
import { useState, type ReactNode } from 'react'
import { IconChevronDown, IconChevronRight } from '../look/icons.ts'
import { useTexts } from '../app/texts.ts'

const TEXTS = {
  items: ['{n|one item|{n} items}', '{n|un elemento|{n} elementos}'],
  more: ['{n} more', '{n} más'],
  fold: ['Fold {name}', 'Plegar {name}'],
  unfold: ['Unfold {name}', 'Desplegar {name}'],
} as const

const FOLDED_FROM = 20
const MOST_SHOWN = 200

export interface JsonViewProps {
  readonly value: unknown
  /** What stands in place of a value, as a JSON pointer says it; undefined for the value itself. */
  readonly replace?: (pointer: string, value: unknown) => ReactNode
}

export function JsonView({ value, replace }: JsonViewProps) {
  return (
    <div className="json mono">
      <Node name="" pointer="" value={value} {...(replace ? { replace } : {})} depth={0} />
    </div>
  )
}

interface NodeProps extends JsonViewProps {
  readonly name: string
  readonly pointer: string
  readonly depth: number
}

function Node({ name, pointer, value, replace, depth }: NodeProps) {
  const say = useTexts(TEXTS)
  const isBranch = typeof value === 'object' && value !== null
  const entries = isBranch ? Object.entries(value) : []
  const [isOpen, setOpen] = useState(depth < 3 && entries.length <= FOLDED_FROM)
  const instead = replace?.(pointer, value)
  const label = name === '' ? null : <span className="json-key">{name}: </span>
  if (instead !== undefined && instead !== null)
    return (
      <div className="json-line">
        {label}
        {instead}
      </div>
    )
  if (!isBranch)
    return (
      <div className="json-line">
        {label}
        <span className={`json-${value === null ? 'null' : typeof value}`}>
          {typeof value === 'string' ? JSON.stringify(value) : String(value)}
        </span>
      </div>
    )
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  if (entries.length === 0)
    return (
      <div className="json-line">
        {label}
        {open}
        {close}
      </div>
    )
  return (
    <div>
      <div className="json-line">
        <button
          type="button"
          className="json-fold"
          aria-expanded={isOpen}
          aria-label={say(isOpen ? 'fold' : 'unfold', { name: name || '/' })}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? <IconChevronDown size={12} /> : <IconChevronRight size={12} />}
        </button>
        {label}
        {open}
        {isOpen ? null : (
          <span className="quiet">
            {' '}
            {say('items', { n: entries.length })} {close}
          </span>
        )}
      </div>
      {isOpen ? (
        <>
          <div className="json-branch">
            {entries.slice(0, MOST_SHOWN).map(([key, item]) => (
              <Node
                key={key}
                name={key}
                pointer={`${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`}
                value={item}
                depth={depth + 1}
                {...(replace ? { replace } : {})}
              />
            ))}
            {entries.length > MOST_SHOWN ? (
              <span className="quiet">{say('more', { n: entries.length - MOST_SHOWN })}</span>
            ) : null}
          </div>
          <div className="json-line">{close}</div>
        </>
      ) : null}
    </div>
  )
}
