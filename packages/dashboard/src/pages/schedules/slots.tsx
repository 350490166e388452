// Slots to come in three clocks, with the reason of each shift.
import type { AnswerOf } from '../../api/call.ts'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { List } from '../../parts/list.tsx'
import { SCHEDULE_TEXTS } from './texts.ts'

type Slot = AnswerOf<'schedules.upcoming'>['data'][number]

export function Slots({
  slots,
  label,
}: {
  readonly slots: readonly Slot[]
  readonly label: string
}) {
  const say = useTexts(SCHEDULE_TEXTS)
  const format = useFormats()
  return (
    <List
      label={label}
      rows={slots}
      rowKey={({ at }) => String(at)}
      empty={null}
      columns={[
        {
          key: 'local',
          label: say('local'),
          cell: ({ at }) => (
            <time dateTime={new Date(at).toISOString()}>{format.fullTime(at)}</time>
          ),
        },
        {
          key: 'wall',
          label: say('wall'),
          cell: ({ wall }) => (
            <span className="mono whole">{wall.slice(0, 16).replace('T', ' ')}</span>
          ),
        },
        {
          key: 'utc',
          label: say('utc'),
          cell: ({ at }) => (
            <span className="mono quiet whole">
              {new Date(at).toISOString().slice(0, 16).replace('T', ' ')}
            </span>
          ),
        },
        {
          key: 'note',
          label: say('note'),
          cell: ({ shift, blackout }) =>
            [
              shift ? say(shift) : '',
              blackout === undefined ? '' : say('blackout', { reason: blackout }),
            ]
              .filter(Boolean)
              .join('; '),
        },
      ]}
    />
  )
}
