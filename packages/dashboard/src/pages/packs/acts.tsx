// Buttons of what a pack offers to do by hand, and the form of what it needs to be told.
import { Button, Group } from '@mantine/core'
import type { PageBlock } from 'orderly/api'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { usePackWords } from '../../app/pack-words.ts'
import { useTexts } from '../../app/texts.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { firstValue, type JsonSchema } from '../../parts/json-schema.ts'
import { SchemaForm } from '../../parts/schema-form.tsx'
import { schemaSaid } from './said.ts'
import { PACK_TEXTS } from './texts.ts'

type PageValue = Extract<PageBlock, { block: 'facts' }>['facts'][number]['value']
type Given = Extract<PageValue, { acts: unknown[] }>['acts'][number]
interface Action {
  readonly id: string
  readonly title: string
  readonly input: JsonSchema
}

export function Acts({ acts, pack }: { readonly acts: readonly Given[]; readonly pack: string }) {
  const { can } = useSession()
  const tell = usePackWords(pack)
  const packs = useRead('packs.list', {})
  const [asked, setAsked] = useState<{ readonly action: Action; readonly given: Given['given'] }>()
  if (!can('packs:act')) return <span className="quiet">–</span>
  const actions = packs.data?.data.find(({ name }) => name === pack)?.actions ?? []
  return (
    <Group gap={4} wrap="wrap">
      {acts.map(({ action: id, given }) => {
        const action = actions.find((each) => each.id === id)
        return action === undefined ? null : (
          <Button
            key={id}
            size="compact-xs"
            variant="default"
            onClick={() => setAsked({ action, given })}
          >
            {tell(action.title)}
          </Button>
        )
      })}
      {asked ? <ActDialog {...asked} pack={pack} onClose={() => setAsked(undefined)} /> : null}
    </Group>
  )
}

function ActDialog({
  action,
  given,
  pack,
  onClose,
}: {
  readonly action: Action
  readonly given: Given['given']
  readonly pack: string
  readonly onClose: () => void
}) {
  const say = useTexts(PACK_TEXTS)
  const tell = usePackWords(pack)
  const schema = schemaSaid(without(action.input, Object.keys(given)), tell)
  const [input, setInput] = useState<unknown>(() => firstValue(schema, schema) ?? {})
  const act = useWrite('packs.act', { done: say('done'), isQuiet: true, onDone: onClose })
  const all = { ...(typeof input === 'object' ? input : {}), ...given }
  return (
    <FormDialog
      title={tell(action.title)}
      action={say('confirm')}
      isBusy={act.isPending}
      error={act.error ?? undefined}
      onClose={onClose}
      onGo={() => act.mutate({ params: { pack, action: action.id }, body: { input: all } })}
    >
      <span className="quiet">{say('kept')}</span>
      {Object.keys(schema.properties ?? {}).length === 0 ? null : (
        <SchemaForm
          schema={schema}
          value={input}
          onChange={setInput}
          misfits={act.error?.misfits ?? []}
        />
      )}
    </FormDialog>
  )
}

/** What the place says already is not asked for, nor what only programs name. */
function without(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const { properties = {}, required = [] } = schema
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.entries(properties).filter(
        ([name, field]) => !names.includes(name) && !Object.hasOwn(field, 'x-for-programs'),
      ),
    ),
    required: required.filter((name) => !names.includes(name)),
  }
}
