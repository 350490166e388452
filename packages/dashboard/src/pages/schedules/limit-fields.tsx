// What bounds a schedule: its first and last day, the times it rests, how far its jobs are spread, and what happens to
// slots that overlap or were missed.
import {
  ActionIcon,
  Button,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  TextInput,
} from '@mantine/core'
import { useState } from 'react'
import { useTexts } from '../../app/texts.ts'
import { IconPlus, IconTrash } from '../../look/icons.ts'
import { MomentField } from '../../parts/moment-field.tsx'
import { OVERLAPS, type Blackout } from './draft.ts'
import { SCHEDULE_TEXTS } from './texts.ts'
import type { DraftFieldsProps } from './when-fields.tsx'

export function PolicyFields({ draft, change }: DraftFieldsProps) {
  const say = useTexts(SCHEDULE_TEXTS)
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      <Select
        label={say('overlapPolicy')}
        value={draft.overlap}
        allowDeselect={false}
        onChange={(next) => change({ overlap: OVERLAPS.find((each) => each === next) ?? 'skip' })}
        data={OVERLAPS.map((each) => ({ value: each, label: say(each) }))}
      />
      <Select
        label={say('catchUp')}
        value={draft.catchUp}
        allowDeselect={false}
        onChange={(next) => change({ catchUp: next === 'all' || next === 'skip' ? next : 'one' })}
        data={[
          { value: 'one', label: say('catchOne') },
          { value: 'skip', label: say('catchSkip') },
          { value: 'all', label: say('catchAll') },
        ]}
      />
      {draft.catchUp === 'all' ? (
        <NumberInput
          label={say('most')}
          min={1}
          max={10_000}
          allowDecimal={false}
          required
          value={draft.most}
          onChange={(next) => change({ most: Number(next) })}
        />
      ) : null}
    </SimpleGrid>
  )
}

/** @param isJob jobs can be spread; a workflow begins with a delay instead */
export function LimitFields({
  draft,
  change,
  isJob,
}: DraftFieldsProps & { readonly isJob: boolean }) {
  const say = useTexts(SCHEDULE_TEXTS)
  const [isOpen] = useState(() => isBounded(draft))
  const replace = (index: number, part: Partial<Blackout>): void =>
    change({
      blackouts: draft.blackouts.map((each, at) => (at === index ? { ...each, ...part } : each)),
    })
  return (
    <details className="fields" open={isOpen}>
      <summary>{say('limits')}</summary>
      <div className="stack">
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          <MomentField
            label={say('start')}
            value={draft.start}
            onChange={(start) => change({ start })}
          />
          <MomentField label={say('end')} value={draft.end} onChange={(end) => change({ end })} />
          {isJob ? (
            <TextInput
              label={say('jitter')}
              description={say('jitterText')}
              value={draft.jitter}
              onChange={(event) => change({ jitter: event.currentTarget.value })}
            />
          ) : null}
        </SimpleGrid>
        {draft.blackouts.map((blackout, index) => (
          <Group
            key={index}
            align="flex-end"
            role="group"
            aria-label={say('rest', { n: index + 1 })}
          >
            <MomentField
              label={say('from')}
              required
              value={blackout.from}
              onChange={(from) => replace(index, { from })}
            />
            <MomentField
              label={say('to')}
              required
              value={blackout.to}
              onChange={(to) => replace(index, { to })}
            />
            <TextInput
              label={say('reason')}
              required
              maxLength={200}
              style={{ flex: 1 }}
              value={blackout.reason}
              onChange={(event) => replace(index, { reason: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="red"
              size="lg"
              aria-label={say('restGone', { n: index + 1 })}
              onClick={() => change({ blackouts: draft.blackouts.filter((_, at) => at !== index) })}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="default"
          size="xs"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() =>
            change({ blackouts: [...draft.blackouts, { from: null, to: null, reason: '' }] })
          }
        >
          {say('restMore')}
        </Button>
      </div>
    </details>
  )
}

function isBounded({ start, end, jitter, blackouts }: DraftFieldsProps['draft']): boolean {
  return start !== null || end !== null || jitter !== '' || blackouts.length > 0
}
