// A field for an expression, which offers what can be looked at from here.
import { Autocomplete } from '@mantine/core'
import type { Suggestion } from './upstream.ts'

export interface ExpressionProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly suggestions: readonly Suggestion[]
  readonly description?: string
  readonly isRequired?: boolean
  /** The type that is asked for: places of that type are offered first. */
  readonly wanted?: string | undefined
}

const MOST_SHOWN = 12
/** What is being typed: the last place in the text. */
const LAST = /[\w.[\]"]*$/

export function Expression({
  label,
  value,
  onChange,
  suggestions,
  description,
  isRequired = false,
  wanted,
}: ExpressionProps) {
  const typed = LAST.exec(value)?.[0] ?? ''
  const head = value.slice(0, value.length - typed.length)
  const fitting = suggestions
    .filter(({ text }) => text.toLowerCase().includes(typed.toLowerCase()) && text !== typed)
    .toSorted((a, b) => Number(fits(b, wanted)) - Number(fits(a, wanted)))
  const types = new Map(fitting.map(({ text, type }) => [`${head}${text}`, type]))
  return (
    <Autocomplete
      size="xs"
      label={label}
      description={description}
      withAsterisk={isRequired}
      value={value}
      onChange={onChange}
      data={[...types.keys()]}
      filter={({ options }) => options}
      limit={MOST_SHOWN}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      maxDropdownHeight={240}
      renderOption={({ option }) => (
        <span className="suggestion">
          <code>{option.value}</code>
          <span className="dim">{types.get(option.value)}</span>
        </span>
      )}
    />
  )
}

function fits({ type }: Suggestion, wanted: string | undefined): boolean {
  return wanted !== undefined && (type === wanted || (type === 'integer' && wanted === 'number'))
}
