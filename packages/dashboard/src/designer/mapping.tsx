// The input of a job, field by field: what it insists on first, the rest behind a fold.
import { useState } from 'react'
import { useTexts } from '../app/texts.ts'
import { resolve, type JsonSchema } from '../parts/json-schema.ts'
import { Expression } from './expression.tsx'
import { DESIGNER_TEXTS } from './texts.ts'
import type { Suggestion } from './upstream.ts'

export interface MappingProps {
  readonly schema: JsonSchema | undefined
  /** An expression for all of it, or one for each field. */
  readonly value: unknown
  readonly suggestions: readonly Suggestion[]
  readonly onChange: (value: unknown, about: string) => void
}

export function MappingFields({ schema, value, suggestions, onChange }: MappingProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const [isOpen, setOpen] = useState(false)
  const fields = schema?.properties ?? {}
  const given = typeof value === 'object' && value !== null ? (value as Record<string, string>) : {}
  if (
    typeof value === 'string' ||
    (Object.keys(fields).length === 0 && Object.keys(given).length === 0)
  )
    return (
      <Expression
        label={say('wholeInput')}
        description={say('inputHint')}
        value={typeof value === 'string' ? value : ''}
        suggestions={suggestions}
        onChange={(text) => onChange(text === '' ? undefined : text, '')}
      />
    )
  const required = new Set(schema?.required ?? [])
  const names = [...new Set([...Object.keys(fields), ...Object.keys(given)])]
  const shown = names.filter((name) => required.has(name) || name in given)
  const rest = names.filter((name) => !shown.includes(name))
  const put = (name: string, text: string): void => {
    const { [name]: _before, ...others } = given
    const next = text === '' ? others : { ...given, [name]: text }
    onChange(Object.keys(next).length === 0 ? undefined : next, name)
  }
  const field = (name: string) => (
    <Expression
      key={name}
      label={name}
      isRequired={required.has(name)}
      description={schema && fields[name] ? wordsOf(resolve(fields[name], schema)) : undefined}
      value={given[name] ?? ''}
      wanted={schema && fields[name] ? typeOf(resolve(fields[name], schema)) : undefined}
      suggestions={suggestions}
      onChange={(text) => put(name, text)}
    />
  )
  return (
    <fieldset>
      <legend>{say('input')}</legend>
      {shown.map(field)}
      {rest.length > 0 ? (
        <button
          type="button"
          className="fold"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {say('optional', { n: rest.length })}
        </button>
      ) : null}
      {isOpen ? rest.map(field) : null}
    </fieldset>
  )
}

function typeOf({ type }: JsonSchema): string | undefined {
  return typeof type === 'string' ? type : undefined
}

function wordsOf({ type, description, enum: choices }: JsonSchema): string {
  const kind = choices ? choices.map((one) => JSON.stringify(one)).join(' | ') : type
  return [Array.isArray(kind) ? kind.join(' | ') : kind, description].filter(Boolean).join(' · ')
}
