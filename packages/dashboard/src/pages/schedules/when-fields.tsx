// When a schedule fires: at times of the day, every so long, by cron, or once.
import { Chip, Group, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core'
import { usePreferences } from '../../app/preferences.ts'
import { useTexts } from '../../app/texts.ts'
import { MomentField } from '../../parts/moment-field.tsx'
import { MODES, WEEKDAYS, type Draft } from './draft.ts'
import { SCHEDULE_TEXTS } from './texts.ts'
import { cronInWords } from './when.ts'

export interface DraftFieldsProps {
  readonly draft: Draft
  readonly change: (part: Partial<Draft>) => void
}

export function WhenFields({ draft, change }: DraftFieldsProps) {
  const say = useTexts(SCHEDULE_TEXTS)
  return (
    <>
      <strong>{say('builder')}</strong>
      <SegmentedControl
        aria-label={say('builder')}
        value={draft.mode}
        onChange={(next) => change({ mode: MODES.find((mode) => mode === next) ?? 'daily' })}
        data={MODES.map((value) => ({ value, label: say(value) }))}
      />
      <ModeFields draft={draft} change={change} />
      {draft.mode === 'daily' || draft.mode === 'cron' ? (
        <Select
          label={say('zone')}
          searchable
          value={draft.zone}
          allowDeselect={false}
          onChange={(next) => change({ zone: next ?? 'UTC' })}
          data={zoneChoices(draft.zone)}
        />
      ) : null}
    </>
  )
}

function ModeFields({ draft, change }: DraftFieldsProps) {
  const say = useTexts(SCHEDULE_TEXTS)
  const { language } = usePreferences()
  switch (draft.mode) {
    case 'every':
      return (
        <TextInput
          label={say('every')}
          description={say('everyText')}
          value={draft.every}
          onChange={(event) => change({ every: event.currentTarget.value })}
        />
      )
    case 'once':
      return (
        <MomentField
          label={say('onceAt')}
          required
          value={draft.at}
          onChange={(at) => change({ at })}
        />
      )
    case 'cron':
      return (
        <>
          <Textarea
            label={say('cron')}
            description={say('cronText')}
            classNames={{ input: 'mono' }}
            autosize
            value={draft.cron}
            onChange={(event) => change({ cron: event.currentTarget.value })}
          />
          <span role="status">
            {draft.cron
              .split('\n')
              .map((line) => cronInWords(line, language))
              .join('; ')}
          </span>
        </>
      )
    case 'daily':
      return (
        <>
          <TextInput
            label={say('times')}
            description={say('timesText')}
            value={draft.times}
            onChange={(event) => change({ times: event.currentTarget.value })}
          />
          <div role="group" aria-label={say('weekdays')}>
            <Chip.Group
              multiple
              value={[...draft.weekdays]}
              onChange={(chosen) =>
                change({ weekdays: WEEKDAYS.filter((day) => chosen.includes(day)) })
              }
            >
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
      )
  }
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
