// Making a schedule, or changing one: when, of which job or workflow, by which rules; the next ten runs are shown as one types.
import { Button, Chip, Drawer, Group, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import type { RequestOf } from '../../api/call.ts'
import { useRead, useWrite } from '../../api/use.ts'
import { zoneName } from '../../app/format.ts'
import { usePreferences } from '../../app/preferences.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { firstValue, type JsonSchema } from '../../parts/json-schema.ts'
import { SchemaForm } from '../../parts/schema-form.tsx'
import { shapeOf } from '../workflows/document.ts'
import type { Schedule } from './page.tsx'
import { Slots } from './slots.tsx'
import { SCHEDULE_TEXTS } from './texts.ts'
import { cronInWords, specOf } from './when.ts'

type Spec = RequestOf<'schedules.preview'>['body']['spec']
type Overlap = NonNullable<RequestOf<'schedules.put'>['body']['policy']>['overlap']
const WEEKDAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const
const OVERLAPS: readonly Overlap[] = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow']

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
  const { language, zone: shown } = usePreferences()
  const { can } = useSession()
  const before = specOf(schedule?.spec)
  const [id, setId] = useState(schedule?.id ?? first?.id ?? '')
  const [what, setWhat] = useState(whatOf(schedule ?? first))
  const [mode, setMode] = useState(
    before.every === undefined ? (before.crons ? 'cron' : 'daily') : 'every',
  )
  const [every, setEvery] = useState(before.every === undefined ? '1h' : `${before.every}ms`)
  const [times, setTimes] = useState('02:00')
  const [weekdays, setWeekdays] = useState<string[]>([])
  const [cron, setCron] = useState(before.crons?.[0] ?? '0 2 * * *')
  const [zone, setZone] = useState(before.zone ?? zoneName(shown))
  const [overlap, setOverlap] = useState<Overlap>(schedule?.policy.overlap ?? 'skip')
  const [catchUp, setCatchUp] = useState(schedule?.policy.catchUp === 'skip' ? 'skip' : 'one')
  const [input, setInput] = useState<unknown>()
  const { job, workflow } = targetOf(what)
  const types = useRead('types.list', {})
  const workflows = useRead('workflows.list', {}, { enabled: can('workflows:run') })
  const type = useRead(
    'types.get',
    { params: { name: job ?? '' } },
    { enabled: job !== undefined && !schedule },
  )
  const written = useRead(
    'workflows.get',
    { params: { id: workflow ?? '' } },
    { enabled: workflow !== undefined && !schedule },
  )
  const spec: Spec =
    mode === 'every'
      ? { every }
      : mode === 'cron'
        ? { cron, zone }
        : {
            times: times
              .split(',')
              .map((each) => each.trim())
              .filter(Boolean),
            ...(weekdays.length === 0
              ? {}
              : { weekdays: WEEKDAYS.filter((day) => weekdays.includes(day)) }),
            zone,
          }
  const [asked] = useDebouncedValue(JSON.stringify(spec), 300)
  const preview = useRead('schedules.preview', {
    body: { spec: JSON.parse(asked) as Spec, count: 10 },
  })
  const save = useWrite('schedules.put', {
    done: say('saved'),
    isQuiet: true,
    onDone: onClose,
    renews: ['overview'],
  })
  const schema =
    workflow === undefined
      ? (type.data?.inputSchema as JsonSchema | null | undefined)
      : shapeOf(written.data?.document).input
  const value = input ?? (schema ? firstValue(schema, schema) : undefined) ?? {}
  return (
    <Drawer
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
          save.mutate({
            params: { id },
            body: {
              ...(workflow === undefined
                ? { job: job ?? '' }
                : { workflow, ...(schedule?.version ? { version: schedule.version } : {}) }),
              spec,
              policy: { overlap, catchUp: catchUp === 'skip' ? 'skip' : 'one' },
              ...(schedule ? {} : { input: value }),
            },
          })
        }}
      >
        {schedule ? null : (
          <Group grow align="flex-start">
            <TextInput
              label={say('id')}
              required
              value={id}
              onChange={(event) => setId(event.currentTarget.value)}
            />
            <Select
              label={say('what')}
              required
              searchable
              value={what}
              onChange={(next) => {
                setWhat(next)
                setInput(undefined)
              }}
              data={[
                {
                  group: say('jobs'),
                  items: (types.data?.data ?? []).map(({ name }) => ({
                    value: `job:${name}`,
                    label: name,
                  })),
                },
                {
                  group: say('workflows'),
                  items: (workflows.data?.data ?? [])
                    .filter(({ version }) => version !== null)
                    .map(({ id: name }) => ({ value: `workflow:${name}`, label: name })),
                },
              ]}
            />
          </Group>
        )}
        <strong>{say('builder')}</strong>
        <SegmentedControl
          aria-label={say('builder')}
          value={mode}
          onChange={(next) => setMode(next)}
          data={[
            { value: 'daily', label: say('daily') },
            { value: 'every', label: say('every') },
            { value: 'cron', label: say('cron') },
          ]}
        />
        {mode === 'every' ? (
          <TextInput
            label={say('every')}
            description={say('everyText')}
            value={every}
            onChange={(event) => setEvery(event.currentTarget.value)}
          />
        ) : mode === 'cron' ? (
          <TextInput
            label={say('cron')}
            description={say('cronText')}
            classNames={{ input: 'mono' }}
            value={cron}
            onChange={(event) => setCron(event.currentTarget.value)}
          />
        ) : (
          <>
            <TextInput
              label={say('times')}
              description={say('timesText')}
              value={times}
              onChange={(event) => setTimes(event.currentTarget.value)}
            />
            <div role="group" aria-label={say('weekdays')}>
              <Chip.Group multiple value={weekdays} onChange={setWeekdays}>
                <Group gap={6}>
                  {WEEKDAYS.map((day, index) => (
                    <Chip key={day} value={day} size="xs">
                      {weekdayName(index, language)}
                    </Chip>
                  ))}
                </Group>
              </Chip.Group>
              <span className="quiet">{say('weekdaysText')}</span>
            </div>
          </>
        )}
        {mode === 'every' ? null : (
          <Select
            label={say('zone')}
            searchable
            value={zone}
            allowDeselect={false}
            onChange={(next) => setZone(next ?? 'UTC')}
            data={zoneChoices(zone)}
          />
        )}
        {mode === 'cron' ? <span role="status">{cronInWords(cron, language)}</span> : null}
        <section aria-label={say('preview')} aria-live="polite">
          <strong>{say('preview')}</strong>
          {preview.error ? (
            <Failure error={preview.error} />
          ) : (
            <Slots slots={preview.data?.data ?? []} label={say('preview')} />
          )}
        </section>
        <Group grow align="flex-start">
          <Select
            label={say('overlapPolicy')}
            value={overlap}
            allowDeselect={false}
            onChange={(next) => setOverlap(OVERLAPS.find((each) => each === next) ?? 'skip')}
            data={OVERLAPS.map((each) => ({ value: each, label: say(each) }))}
          />
          <Select
            label={say('catchUp')}
            value={catchUp}
            allowDeselect={false}
            onChange={(next) => setCatchUp(next ?? 'one')}
            data={[
              { value: 'one', label: say('catchOne') },
              { value: 'skip', label: say('catchSkip') },
            ]}
          />
        </Group>
        {schema ? (
          <section aria-label={say('input')}>
            <strong>{say('input')}</strong>
            <SchemaForm
              schema={schema}
              value={value}
              onChange={setInput}
              phi={type.data?.inputFields ?? []}
              misfits={save.error?.misfits ?? []}
            />
          </section>
        ) : null}
        {save.error ? <Failure error={save.error} /> : null}
        <Group justify="flex-end">
          <Button
            type="submit"
            loading={save.isPending}
            disabled={id.trim() === '' || what === null || type.isLoading || written.isLoading}
          >
            {say('save')}
          </Button>
        </Group>
      </form>
    </Drawer>
  )
}

/** What a schedule begins, as one value of a list. */
function whatOf(
  target: { readonly job?: string | null; readonly workflow: string | null } | undefined,
): string | null {
  if (!target) return null
  return target.workflow === null ? `job:${target.job}` : `workflow:${target.workflow}`
}

function targetOf(what: string | null): { readonly job?: string; readonly workflow?: string } {
  const [, kind, name] = /^(job|workflow):(.+)$/.exec(what ?? '') ?? []
  if (name === undefined) return {}
  return kind === 'job' ? { job: name } : { workflow: name }
}

/** 0 is Monday. */
function weekdayName(index: number, language: string): string {
  return new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' }).format(
    Date.UTC(2024, 0, 1 + index),
  )
}

function zoneChoices(chosen: string): string[] {
  return [...new Set([chosen, 'UTC', ...Intl.supportedValuesOf('timeZone')])]
}
