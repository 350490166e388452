// Filling in for the past: which slots of a range never fired, and firing them once that is known.
import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { MomentField } from '../../parts/moment-field.tsx'
import { Card } from '../../parts/page.tsx'
import { SCHEDULE_TEXTS } from './texts.ts'

const MOST_SHOWN = 20

export function Backfill({ id }: { readonly id: string }) {
  const say = useTexts(SCHEDULE_TEXTS)
  const format = useFormats()
  const [from, setFrom] = useState<number | null>(null)
  const [to, setTo] = useState<number | null>(null)
  const plan = useWrite('schedules.backfill', { isQuiet: true })
  const fire = useWrite('schedules.backfill', {
    isQuiet: true,
    done: ({ enqueued }) => say('enqueued', { n: enqueued }),
    onDone: () => plan.reset(),
    renews: ['jobs', 'queues'],
  })
  const range =
    from === null || to === null
      ? undefined
      : { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const ask = ({ mutate }: typeof plan, isPlan: boolean): void => {
    if (range) mutate({ params: { id }, body: { ...range, plan: isPlan } })
  }
  const slots = plan.data?.slots
  return (
    <Card title={say('backfill')}>
      <div className="stack" style={{ gap: '0.7rem' }}>
        <span className="quiet">{say('backfillText')}</span>
        <Group align="flex-end">
          <MomentField label={say('from')} value={from} onChange={setFrom} />
          <MomentField label={say('to')} value={to} onChange={setTo} />
          <Button
            variant="default"
            disabled={!range}
            loading={plan.isPending}
            onClick={() => ask(plan, true)}
          >
            {say('plan')}
          </Button>
        </Group>
        {(plan.error ?? fire.error) ? <Failure error={plan.error ?? fire.error} /> : null}
        {slots ? (
          <div role="status">
            <strong>{say('planned', { n: slots.length })}</strong>
            <p className="quiet">
              {slots
                .slice(0, MOST_SHOWN)
                .map((at) => format.fullTime(at))
                .join(' · ')}
            </p>
            {slots.length > 0 ? (
              <Button loading={fire.isPending} onClick={() => ask(fire, false)}>
                {say('fire', { n: slots.length })}
              </Button>
            ) : null}
          </div>
        ) : null}
      </div>
    </Card>
  )
}
