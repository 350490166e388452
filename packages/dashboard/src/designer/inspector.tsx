// What the selected step or arrow does, as a form made of its type and of its job's schema.
import { Button, Checkbox, NumberInput, Select, TagsInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../app/texts.ts'
import { ServerText } from '../parts/server-text.tsx'
import type { Finding, JobDetail, JobType } from './api.ts'
import { useDecidingRoles } from './deciding-roles.ts'
import type { DesignDocument, DesignNode } from './document.ts'
import { Expression } from './expression.tsx'
import { MappingFields } from './mapping.tsx'
import { changeEdge, changeNode, disconnect, NAME, removeNode, renameNode } from './model.ts'
import { ManyForm, NoteForm } from './many-form.tsx'
import { NOTHING, type Selection } from './selection.ts'
import { DESIGNER_TEXTS } from './texts.ts'
import { suggestionsFor, type Suggestion } from './upstream.ts'
import { WaitFields } from './wait-fields.tsx'
import { WorkflowForm } from './workflow-form.tsx'

export interface InspectorProps {
  readonly document: DesignDocument
  readonly selection: Selection
  readonly jobs: readonly JobType[]
  readonly schemaOf: (job: string) => JobDetail | undefined
  /** @param about what is changed: changes of the same thing are one step back */
  readonly onChange: (document: DesignDocument, about?: string) => void
  readonly onSelect: (selection: Selection) => void
  readonly findings: readonly Finding[]
  readonly onDuplicate: () => void
}

export function Inspector(props: InspectorProps) {
  const { document, selection } = props
  if (selection.edge) return <EdgeForm {...props} />
  if (selection.note !== undefined) return <NoteForm key={selection.note} {...props} />
  const [name] = selection.nodes
  if (selection.nodes.length > 1) return <ManyForm {...props} />
  const node = name === undefined ? undefined : document.nodes[name]
  if (name === undefined || !node) return <WorkflowForm {...props} />
  return <NodeForm key={name} {...props} name={name} node={node} />
}

function EdgeForm({ document, selection, schemaOf, onChange, onSelect }: InspectorProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const { from, to } = selection.edge!
  const edge = document.edges.find((one) => one.from === from && one.to === to)
  if (!edge) return <p className="dim">{say('nothing')}</p>
  const isBranch = document.nodes[from]?.type === 'branch'
  const own =
    document.nodes[from]?.type === 'job' ? [{ text: `steps.${from}.output`, type: '' }] : []
  return (
    <div className="form">
      <h3>{say('edge', { from, to })}</h3>
      {edge.otherwise ? null : (
        <Expression
          label={say('when')}
          value={edge.when ?? ''}
          suggestions={[...own, ...suggestionsFor(document, to, schemaOf)]}
          onChange={(when) => onChange(changeEdge(document, edge, { when }), `${from}→${to}.when`)}
        />
      )}
      {isBranch ? (
        <Checkbox
          size="xs"
          label={say('otherwise')}
          checked={edge.otherwise === true}
          onChange={(event) =>
            onChange(
              changeEdge(document, edge, event.currentTarget.checked ? { otherwise: true } : {}),
            )
          }
        />
      ) : null}
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          onChange(disconnect(document, from, to))
          onSelect(NOTHING)
        }}
      >
        {say('remove')}
      </Button>
    </div>
  )
}

interface NodeFormProps extends InspectorProps {
  readonly name: string
  readonly node: DesignNode
}

function NodeForm(props: NodeFormProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const { document, name, node, schemaOf, onChange, onSelect } = props
  const suggestions = suggestionsFor(document, name, schemaOf)
  const set = (fields: Readonly<Record<string, unknown>>, about?: string): void =>
    onChange(
      changeNode(document, name, fields),
      about === undefined ? undefined : `${name}.${about}`,
    )
  const canFail = ['job', 'for-each', 'wait', 'approval', 'sub-workflow'].includes(node.type)
  const own = props.findings.filter((finding) => finding.node === name)
  return (
    <div className="form">
      {own.map(({ code, message }) => (
        <p key={`${code}${message}`} className="wrong">
          <ServerText of={message} />
        </p>
      ))}
      <NameField key={name} {...props} />
      <Fields {...{ ...props, suggestions, set }} />
      <TextInput
        size="xs"
        label={say('label')}
        value={node.title ?? ''}
        onChange={({ currentTarget: { value } }) =>
          set({ title: value === '' ? undefined : value }, 'title')
        }
      />
      {canFail ? (
        <Select
          size="xs"
          label={say('onFailure')}
          allowDeselect={false}
          data={[
            { value: 'fail', label: say('onFailureFail') },
            { value: 'continue', label: say('onFailureContinue') },
            { value: 'compensate', label: say('onFailureCompensate') },
          ]}
          value={typeof node['onFailure'] === 'string' ? node['onFailure'] : 'fail'}
          onChange={(value) => set({ onFailure: value === 'fail' ? undefined : value })}
        />
      ) : null}
      {canFail ? (
        <Checkbox
          size="xs"
          label={say('cancelSiblings')}
          checked={node['cancelSiblings'] === true}
          onChange={(event) => set({ cancelSiblings: event.currentTarget.checked || undefined })}
        />
      ) : null}
      <div className="row">
        {node.type === 'compensate' || document.start === name ? null : (
          <Button
            size="xs"
            variant="default"
            onClick={() => onChange({ ...document, start: name })}
          >
            {say('makeStart')}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            onChange(removeNode(document, name))
            onSelect(NOTHING)
          }}
        >
          {say('remove')}
        </Button>
      </div>
    </div>
  )
}

/** Nodes are renamed when their field is left: until then what is typed need be no name. */
function NameField({ document, name, onChange, onSelect }: NodeFormProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const [typed, setTyped] = useState(name)
  const isFree = typed === name || (NAME.test(typed) && !Object.hasOwn(document.nodes, typed))
  const rename = (): void => {
    const next = renameNode(document, name, typed)
    if (next === document) return
    onChange(next)
    onSelect({ nodes: [typed] })
  }
  return (
    <TextInput
      size="xs"
      label={say('name')}
      description={say('nameHint')}
      value={typed}
      error={isFree ? undefined : say('badName')}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={rename}
      onKeyDown={(event) => {
        if (event.key === 'Enter') rename()
      }}
    />
  )
}

interface FieldsProps extends NodeFormProps {
  readonly suggestions: readonly Suggestion[]
  readonly set: (fields: Readonly<Record<string, unknown>>, about?: string) => void
}

function Fields(props: FieldsProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const { document, node, jobs, schemaOf, suggestions, set } = props
  const text = (field: string, label: string, isMono = false) => (
    <TextInput
      size="xs"
      label={label}
      value={textOf(node[field])}
      classNames={isMono ? { input: 'mono' } : {}}
      onChange={({ currentTarget: { value } }) =>
        set({ [field]: value === '' ? undefined : value }, field)
      }
    />
  )
  const people = (field: string, label: string) => (
    <People
      label={label}
      value={Array.isArray(node[field]) ? node[field].map(String) : []}
      onChange={(list) => set({ [field]: list.length === 0 && field !== 'who' ? undefined : list })}
    />
  )
  const job = textOf(node['job'])
  const known = jobs.some((one) => one.name === job) || job === '' ? [] : [job]
  const jobField = (
    <Select
      size="xs"
      searchable
      withAsterisk
      label={say('job')}
      data={[...jobs.map((one) => one.name), ...known]}
      value={job === '' ? null : job}
      onChange={(value) => set({ job: value ?? '' })}
    />
  )
  const mapping = (
    <MappingFields
      schema={schemaOf(job)?.inputSchema ?? undefined}
      value={node['input']}
      suggestions={suggestions}
      onChange={(input, about) => set({ input }, `input.${about}`)}
    />
  )
  switch (node.type) {
    case 'job':
      return (
        <>
          {jobField}
          {mapping}
        </>
      )
    case 'for-each':
      return (
        <>
          <Expression
            isRequired
            label={say('items')}
            value={textOf(node['items'])}
            suggestions={suggestions}
            onChange={(items) => set({ items }, 'items')}
          />
          {jobField}
          {mapping}
          <NumberInput
            size="xs"
            min={1}
            label={say('maxParallel')}
            placeholder="10"
            value={numberOf(node['maxParallel'])}
            onChange={(value) =>
              set({ maxParallel: value === '' ? undefined : Number(value) }, 'maxParallel')
            }
          />
          <NumberInput
            size="xs"
            min={0}
            label={say('failureThreshold')}
            placeholder="0"
            value={numberOf(node['failureThreshold'])}
            onChange={(value) =>
              set(
                { failureThreshold: value === '' ? undefined : Number(value) },
                'failureThreshold',
              )
            }
          />
        </>
      )
    case 'compensate':
      return (
        <>
          <Select
            size="xs"
            withAsterisk
            label={say('undoes')}
            data={Object.entries(document.nodes)
              .filter(([, { type }]) => type === 'job' || type === 'for-each')
              .map(([name]) => name)}
            value={textOf(node['undoes']) === '' ? null : textOf(node['undoes'])}
            onChange={(value) => set({ undoes: value ?? '' })}
          />
          {jobField}
          {mapping}
        </>
      )
    case 'approval':
      return (
        <>
          {text('question', say('question'))}
          {people('who', say('who'))}
          {text('deadline', say('deadline'), true)}
          {people('escalation', say('escalation'))}
        </>
      )
    case 'delay':
      return text('for', say('span'), true)
    case 'join':
      return (
        <Select
          size="xs"
          allowDeselect={false}
          label={say('joinWait')}
          data={[
            { value: 'all', label: say('all') },
            { value: 'any', label: say('any') },
          ]}
          value={textOf(node['wait'])}
          onChange={(value) => set({ wait: value })}
        />
      )
    case 'sub-workflow':
      return (
        <>
          {text('workflow', say('workflow'), true)}
          {mapping}
        </>
      )
    case 'wait':
      return <WaitFields node={node} suggestions={suggestions} set={set} />
    default:
      return null
  }
}

/** Roles are chosen among those that may decide; people are written. */
function People({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: string[]
  readonly onChange: (who: string[]) => void
}) {
  const roles = useDecidingRoles()
  return <TagsInput size="xs" label={label} data={roles} value={value} onChange={onChange} />
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function numberOf(value: unknown): number | '' {
  return typeof value === 'number' ? value : ''
}
