// The form of the workflow itself, while no step of it is selected: what is wrong with the whole, its title, what its runs take.
import { JsonInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../app/texts.ts'
import { ServerText } from '../parts/server-text.tsx'
import type { Finding } from './api.ts'
import type { DesignDocument } from './document.ts'
import { DESIGNER_TEXTS } from './texts.ts'

export interface WorkflowFormProps {
  readonly document: DesignDocument
  readonly findings: readonly Finding[]
  readonly onChange: (document: DesignDocument, about?: string) => void
}

const EXAMPLE = `{
  "properties": {
    "patient": { "type": "string" }
  },
  "required": ["patient"]
}`

export function WorkflowForm({ document, findings, onChange }: WorkflowFormProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const set = (field: 'title' | 'input', value: unknown): void => {
    const { [field]: _before, ...rest } = document
    onChange(value === undefined ? rest : { ...document, [field]: value }, `workflow.${field}`)
  }
  return (
    <div className="form">
      <p className="dim">{say('nothing')}</p>
      <h3>{say('whole')}</h3>
      {findings
        .filter(({ node }) => node === '')
        .map(({ code, message }) => (
          <p key={`${code}${message}`} className="wrong">
            <ServerText of={message} />
          </p>
        ))}
      <TextInput
        size="xs"
        label={say('label')}
        value={document.title ?? ''}
        onChange={({ currentTarget: { value } }) => set('title', value === '' ? undefined : value)}
      />
      <SchemaField value={document['input']} onChange={(schema) => set('input', schema)} />
    </div>
  )
}

/** Text that is no schema yet stays what was typed; a schema that is changed elsewhere takes its place. */
function SchemaField({
  value,
  onChange,
}: {
  readonly value: unknown
  readonly onChange: (schema: object | undefined) => void
}) {
  const say = useTexts(DESIGNER_TEXTS)
  const [typed, setTyped] = useState({ text: written(value), of: written(value) })
  const now = written(value)
  const { text } = typed.of === now ? typed : { text: now }
  const read = schemaIn(text)
  return (
    <JsonInput
      size="xs"
      label={say('takes')}
      description={say('takesHint')}
      placeholder={EXAMPLE}
      autosize
      minRows={6}
      maxRows={20}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={text}
      error={read === 'wrong' ? say('noSchema') : undefined}
      onChange={(next) => {
        const schema = schemaIn(next)
        setTyped({ text: next, of: schema === 'wrong' ? now : written(schema) })
        if (schema !== 'wrong') onChange(schema)
      }}
    />
  )
}

function written(schema: unknown): string {
  return schema === undefined ? '' : JSON.stringify(schema, null, 2)
}

function schemaIn(text: string): object | undefined | 'wrong' {
  if (text.trim() === '') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'wrong'
  } catch {
    return 'wrong'
  }
}
