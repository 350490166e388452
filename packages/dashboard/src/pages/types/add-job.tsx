// Adding a job by hand: the form of its kind, checked by the server before it is stored, and the same as code.
import { Alert, Button, CopyButton, Group, Select, Tabs, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { RequestOf } from '../../api/call.ts'
import { useWrite } from '../../api/use.ts'
import { BASE } from '../../app/place.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { firstValue, type JsonSchema } from '../../parts/json-schema.ts'
import { SchemaForm } from '../../parts/schema-form.tsx'
import { snippetsOf } from './snippets.ts'
import { TYPE_TEXTS } from './texts.ts'
import type { TypeDetail } from './type.tsx'
import { SideDialog } from '../../parts/dialog.tsx'

const PRIORITIES = ['critical', 'high', 'normal', 'low'] as const

export function AddJob({
  type,
  onClose,
}: {
  readonly type: TypeDetail
  readonly onClose: () => void
}) {
  const say = useTexts(TYPE_TEXTS)
  const navigate = useNavigate()
  const schema = (type.inputSchema ?? {}) as JsonSchema
  const [input, setInput] = useState<unknown>(() => firstValue(schema, schema) ?? {})
  const [round, setRound] = useState(0)
  const [delay, setDelay] = useState('')
  const [priority, setPriority] = useState<string | null>(null)
  const [tags, setTags] = useState('')
  const check = useWrite('types.validate', { isQuiet: true })
  const add = useWrite('jobs.create', {
    renews: ['queues', 'overview'],
    isQuiet: true,
    done: ({ duplicate }) => say(duplicate ? 'duplicate' : 'added'),
    onDone: ({ id }) => void navigate({ to: '/jobs/$id', params: { id } }),
  })
  const body: RequestOf<'jobs.create'>['body'] = {
    type: type.name,
    input,
    options: {
      ...(delay.trim() === '' ? {} : { delay: delay.trim() }),
      ...(PRIORITIES.find((each) => each === priority) ? { priority: priority as 'high' } : {}),
      ...(tags.trim() === ''
        ? {}
        : {
            tags: tags
              .split(',')
              .map((tag) => tag.trim())
              .filter(Boolean),
          }),
    },
  }
  const misfits = (add.error?.misfits ?? []).concat(
    (check.data?.errors ?? []).map((error) => ({
      ...error,
      pointer: error.pointer.startsWith('/body/input')
        ? error.pointer
        : `/body/input${error.pointer}`,
    })),
  )
  const snippets = snippetsOf(body, `${location.origin}${BASE}`)
  return (
    <SideDialog
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={say('addTitle', { name: type.name })}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          add.mutate({ body })
        }}
      >
        <Group gap="xs">
          {type.example === null ? null : (
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => {
                setInput(type.example)
                // Fields that hold text of their own begin again with what is filled in.
                setRound(round + 1)
              }}
            >
              {say('example')}
            </Button>
          )}
          <Button
            variant="default"
            size="compact-sm"
            loading={check.isPending}
            onClick={() => check.mutate({ params: { name: type.name }, body: { input } })}
          >
            {say('check')}
          </Button>
        </Group>
        {check.data ? (
          <Alert color={check.data.valid ? 'green' : 'yellow'} role="status">
            {check.data.valid ? say('fits') : say('misfits', { n: check.data.errors.length })}
          </Alert>
        ) : null}
        <SchemaForm
          key={round}
          schema={schema}
          value={input}
          onChange={setInput}
          phi={type.inputFields}
          misfits={misfits}
        />
        <Group grow align="flex-start">
          <TextInput
            label={say('delay')}
            description={say('delayText')}
            value={delay}
            onChange={(event) => setDelay(event.currentTarget.value)}
          />
          <Select
            label={say('priority')}
            description={say('asDefined')}
            data={[...PRIORITIES]}
            value={priority}
            onChange={setPriority}
            clearable
          />
        </Group>
        <TextInput
          label={say('tags')}
          description={say('tagsText')}
          value={tags}
          onChange={(event) => setTags(event.currentTarget.value)}
        />
        {add.error ? <Failure error={add.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" loading={add.isPending}>
            {say('add')}
          </Button>
        </Group>
        <Tabs defaultValue="code" keepMounted={false}>
          <Tabs.List>
            {(['code', 'curl', 'cli'] as const).map((key) => (
              <Tabs.Tab key={key} value={key}>
                {say(key)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {(['code', 'curl', 'cli'] as const).map((key) => (
            <Tabs.Panel key={key} value={key} pt="xs">
              <pre className="code" tabIndex={0}>
                {snippets[key]}
              </pre>
              <CopyButton value={snippets[key]}>
                {({ copy }) => (
                  <Button size="compact-sm" variant="subtle" onClick={copy}>
                    {say('copy')}
                  </Button>
                )}
              </CopyButton>
            </Tabs.Panel>
          ))}
        </Tabs>
      </form>
    </SideDialog>
  )
}
