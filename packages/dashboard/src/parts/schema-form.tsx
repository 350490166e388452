// A form made from a JSON Schema: each field with its type, its PHI mark and what the server says is wrong with it.
import type { PhiField } from 'orderly/api'
import {
  ActionIcon,
  Badge,
  Button,
  Checkbox,
  Fieldset,
  JsonInput,
  NumberInput,
  Select,
  TextInput,
} from '@mantine/core'
import { useState } from 'react'
import type { Misfit } from '../app/problem.ts'
import { useServerWords } from '../app/server-words.ts'
import { useTexts } from '../app/texts.ts'
import { IconLock, IconPlus, IconTrash } from '../look/icons.ts'
import { firstValue, kindOf, resolve, type JsonSchema } from './json-schema.ts'

const TEXTS = {
  phi: ['PHI: {kind}', 'PHI: {kind}'],
  add: ['Add an item', 'Añadir elemento'],
  remove: ['Remove item {n}', 'Quitar elemento {n}'],
  json: ['JSON', 'JSON'],
  notJson: ['This is not JSON yet.', 'Esto aún no es JSON.'],
  more: ['Optional fields ({n})', 'Campos opcionales ({n})'],
} as const

export interface SchemaFormProps {
  readonly schema: JsonSchema
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  readonly phi?: readonly PhiField[]
  readonly misfits?: readonly Misfit[]
  /** What a misfit's pointer begins with: `/body/input`. */
  readonly pointer?: string
}

export function SchemaForm({
  schema,
  value,
  onChange,
  phi = [],
  misfits = [],
  pointer = '/body/input',
}: SchemaFormProps) {
  const context = { root: schema, phi, misfits }
  return (
    <Field {...{ schema, value, onChange, pointer, context }} path="" name="" isRequired isTop />
  )
}

interface FieldContext {
  readonly root: JsonSchema
  readonly phi: readonly PhiField[]
  readonly misfits: readonly Misfit[]
}

interface FieldProps {
  readonly schema: JsonSchema
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  readonly pointer: string
  /** As PHI maps write it: names with dots, `[]` for each item. */
  readonly path: string
  readonly name: string
  readonly isRequired: boolean
  readonly isTop?: boolean
  readonly context: FieldContext
}

function Field(props: FieldProps) {
  const { value, onChange, pointer, path, name, isRequired, context } = props
  const schema = resolve(props.schema, context.root)
  const words = useServerWords()
  const misfit = context.misfits.find((misfit) => misfit.pointer === pointer)
  const error = misfit && words(misfit.message)
  const common = {
    label: <FieldLabel name={name} kind={context.phi.find((each) => each.path === path)?.kind} />,
    description: schema.description,
    required: isRequired,
    error,
    'data-pointer': pointer,
  }
  switch (kindOf(schema)) {
    case 'choice':
      return (
        <Select
          {...common}
          data={(schema.enum ?? []).map(String)}
          value={written(value)}
          clearable={!isRequired}
          onChange={(next) => onChange((schema.enum ?? []).find((each) => String(each) === next))}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...common}
          allowDecimal={schema.type !== 'integer'}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />
      )
    case 'boolean':
      return (
        <Checkbox
          label={common.label}
          description={schema.description}
          error={error}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'text':
      return (
        <TextInput
          {...common}
          autoComplete="off"
          type={schema.format === 'date' ? 'date' : 'text'}
          placeholder={schema.format ?? undefined}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) =>
            onChange(
              event.currentTarget.value === '' && !isRequired
                ? undefined
                : event.currentTarget.value,
            )
          }
        />
      )
    case 'list':
      return <ListField {...props} schema={schema} />
    case 'group':
      return <GroupField {...props} schema={schema} />
    case 'json':
    default:
      return <JsonField {...props} schema={schema} error={error} />
  }
}

function FieldLabel({ name, kind }: { readonly name: string; readonly kind: string | undefined }) {
  const say = useTexts(TEXTS)
  const isPhi = kind !== undefined && kind !== 'clear'
  return (
    <span style={{ display: 'inline-flex', gap: '0.4rem', alignItems: 'center' }}>
      {name || say('json')}
      {isPhi ? (
        <Badge
          size="xs"
          variant="light"
          color="violet"
          tt="none"
          radius="sm"
          leftSection={<IconLock size={10} aria-hidden />}
        >
          {say('phi', { kind })}
        </Badge>
      ) : null}
    </span>
  )
}

function GroupField({ schema, value, onChange, pointer, path, name, isTop, context }: FieldProps) {
  const say = useTexts(TEXTS)
  const [isOpen, setOpen] = useState(false)
  const fields = Object.entries(schema.properties ?? {})
  const required = new Set(schema.required)
  const held = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const optional = fields.filter(([key]) => !required.has(key))
  // What must be given comes first; what may be left out does not stand in the way.
  const isFolded =
    required.size > 0 &&
    optional.length > 3 &&
    !isOpen &&
    optional.every(([key]) => held[key] === undefined)
  const shown = [...fields.filter(([key]) => required.has(key)), ...(isFolded ? [] : optional)]
  const body = (
    <div className="stack" style={{ gap: '0.7rem' }}>
      {shown.map(([key, field]) => (
        <Field
          key={key}
          schema={field}
          name={field.title ?? key}
          path={path === '' ? key : `${path}.${key}`}
          pointer={`${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`}
          isRequired={required.has(key)}
          value={held[key]}
          onChange={(next) => {
            const { [key]: _before, ...rest } = held
            onChange(next === undefined ? rest : { ...rest, [key]: next })
          }}
          context={context}
        />
      ))}
      {isFolded ? (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => setOpen(true)}
          style={{ alignSelf: 'flex-start' }}
        >
          {say('more', { n: optional.length })}
        </Button>
      ) : null}
    </div>
  )
  return isTop ? body : <Fieldset legend={name}>{body}</Fieldset>
}

function ListField({ schema, value, onChange, pointer, path, name, context }: FieldProps) {
  const say = useTexts(TEXTS)
  const items = Array.isArray(value) ? (value as unknown[]) : []
  return (
    <Fieldset legend={name}>
      <div className="stack" style={{ gap: '0.6rem' }}>
        {items.map((item, index) => (
          // Items have no names: their place is what they are.
          <div
            key={`${pointer}/${index}`}
            style={{ display: 'grid', gridTemplateColumns: '1fr auto', gap: '0.4rem' }}
          >
            <Field
              schema={schema.items!}
              name={`${name} ${index + 1}`}
              path={`${path}[]`}
              pointer={`${pointer}/${index}`}
              isRequired
              value={item}
              onChange={(next) => onChange(items.map((each, at) => (at === index ? next : each)))}
              context={context}
            />
            <ActionIcon
              variant="subtle"
              color="red"
              mt={26}
              aria-label={say('remove', { n: index + 1 })}
              onClick={() => onChange(items.filter((_, at) => at !== index))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </div>
        ))}
        <Button
          variant="default"
          size="compact-sm"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() =>
            onChange([...items, firstValue(schema.items!, context.root) ?? emptyOf(schema.items!)])
          }
        >
          {say('add')}
        </Button>
      </div>
    </Fieldset>
  )
}

function written(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : null
}

function emptyOf(schema: JsonSchema): unknown {
  return kindOf(schema) === 'group' ? {} : kindOf(schema) === 'text' ? '' : null
}

function JsonField({
  value,
  onChange,
  name,
  isRequired,
  schema,
  error,
}: FieldProps & { readonly error: string | undefined }) {
  const say = useTexts(TEXTS)
  const [text, setText] = useState(value === undefined ? '' : JSON.stringify(value, null, 2))
  return (
    <JsonInput
      label={name || say('json')}
      description={schema.description}
      required={isRequired}
      error={error}
      validationError={say('notJson')}
      autosize
      minRows={3}
      maxRows={18}
      classNames={{ input: 'mono' }}
      value={text}
      onChange={(next) => {
        setText(next)
        if (next.trim() === '') return onChange(undefined)
        try {
          onChange(JSON.parse(next))
        } catch {
          // It is still being typed; what was last understood stands.
        }
        return undefined
      }}
    />
  )
}
