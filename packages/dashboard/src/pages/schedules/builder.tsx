// Making a schedule, or changing one: when, of which job or workflow, by which rules; the next ten runs are shown as one types.
import { Button, Group } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { zoneName } from '../../app/format.ts'
import { usePreferences } from '../../app/preferences.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { firstValue, type JsonSchema } from '../../parts/json-schema.ts'
import { SchemaForm } from '../../parts/schema-form.tsx'
import { shapeOf } from '../workflows/document.ts'
import { draftOf, policyRequest, specRequest, type SpecRequest } from './draft.ts'
import { LimitFields, PolicyFields } from './limit-fields.tsx'
import type { Schedule } from './page.tsx'
import { Slots } from './slots.tsx'
import { TargetFields } from './target-fields.tsx'
import { choiceOf, targetOf, type Target } from './target.ts'
import { SCHEDULE_TEXTS } from './texts.ts'
import { WhenFields } from './when-fields.tsx'
import { SideDialog } from '../../parts/dialog.tsx'

export function Builder({
  schedule,
  first,
  onClose,
}: {
  readonly schedule?: Schedule
  /** What a new schedule begins with. */
  readonly first?: { readonly id: string; readonly workflow: string }
  readonly onClose: () => void
}) {
  const say = useTexts(SCHEDULE_TEXTS)
  const { zone } = usePreferences()
  const [id, setId] = useState(schedule?.id ?? first?.id ?? '')
  const [choice, setChoice] = useState(choiceOf(schedule ?? first))
  const [draft, setDraft] = useState(() =>
    draftOf(schedule?.spec ?? {}, schedule?.policy, zoneName(zone)),
  )
  const [input, setInput] = useState<unknown>()
  const change = (part: Partial<typeof draft>): void =>
    setDraft((before) => ({ ...before, ...part }))
  const target = targetOf(choice)
  const taken = useInput(schedule ? {} : target)
  const value = input ?? (taken.schema ? firstValue(taken.schema, taken.schema) : undefined) ?? {}
  const save = useWrite('schedules.put', {
    done: say('saved'),
    isQuiet: true,
    onDone: onClose,
    renews: ['overview'],
  })
  const submit = (): void =>
    save.mutate({
      params: { id },
      body: {
        ...(target.workflow === undefined
          ? { job: target.job ?? '' }
          : {
              workflow: target.workflow,
              ...(schedule?.version ? { version: schedule.version } : {}),
            }),
        spec: specRequest(draft),
        policy: policyRequest(draft),
        ...(schedule ? {} : { input: value }),
      },
    })
  return (
    <SideDialog
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={say(schedule ? 'change' : 'make')}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {schedule ? null : (
          <TargetFields
            id={id}
            choice={choice}
            onId={setId}
            onChoice={(next) => {
              setChoice(next)
              setInput(undefined)
            }}
          />
        )}
        <WhenFields draft={draft} change={change} />
        {draft.mode === 'once' && draft.at === null ? null : <Preview spec={specRequest(draft)} />}
        <PolicyFields draft={draft} change={change} />
        <LimitFields draft={draft} change={change} isJob={target.workflow === undefined} />
        {taken.schema ? (
          <section aria-label={say('input')}>
            <strong>{say('input')}</strong>
            <SchemaForm
              schema={taken.schema}
              value={value}
              onChange={setInput}
              phi={taken.phi}
              misfits={save.error?.misfits ?? []}
            />
          </section>
        ) : null}
        {save.error ? <Failure error={save.error} /> : null}
        <Group justify="flex-end">
          <Button
            type="submit"
            loading={save.isPending}
            disabled={id.trim() === '' || choice === null || taken.isLoading}
          >
            {say('save')}
          </Button>
        </Group>
      </form>
    </SideDialog>
  )
}

function Preview({ spec }: { readonly spec: SpecRequest }) {
  const say = useTexts(SCHEDULE_TEXTS)
  const [asked] = useDebouncedValue(JSON.stringify(spec), 300)
  const preview = useRead('schedules.preview', {
    body: { spec: JSON.parse(asked) as SpecRequest, count: 10 },
  })
  return (
    <section aria-label={say('preview')} aria-live="polite">
      <strong>{say('preview')}</strong>
      {preview.error ? (
        <Failure error={preview.error} />
      ) : (
        <Slots slots={preview.data?.data ?? []} label={say('preview')} />
      )}
    </section>
  )
}

/** What a job or workflow takes. A schedule that stands keeps the input it has. */
function useInput({ job, workflow }: Target) {
  const type = useRead('types.get', { params: { name: job ?? '' } }, { enabled: job !== undefined })
  const written = useRead(
    'workflows.get',
    { params: { id: workflow ?? '' } },
    { enabled: workflow !== undefined },
  )
  return {
    schema:
      workflow === undefined
        ? (type.data?.inputSchema as JsonSchema | null | undefined)
        : shapeOf(written.data?.document).input,
    phi: type.data?.inputFields ?? [],
    isLoading: type.isLoading || written.isLoading,
  }
}
