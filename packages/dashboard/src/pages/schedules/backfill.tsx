// Filling in for the past: which slots of a range never fired, and firing them once that is known.
import { Button, Group, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { Card } from '../../parts/page.tsx'
import { SCHEDULE_TEXTS } from './texts.ts'

const MOST_SHOWN = 20

export function Backfill({ id }: { readonly id: string }) {
  const say = useTexts(SCHEDULE_TEXTS)
  const format = useFormats()
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const plan = useWrite('schedules.backfill', { isQuiet: true })
  const fire = useWrite('schedules.backfill', {
    isQuiet: true,
    done: ({ enqueued }) => say('enqueued', { n: enqueued }),
    onDone: () => plan.reset(),
    renews: ['jobs', 'queues'],
  })
  const range = (): { from: string; to: string } => ({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  })
  const slots = plan.data?.slots
  return (
    <Card title={say('backfill')}>
      <div className="stack" style={{ gap: '0.7rem' }}>
        <span className="quiet">{say('backfillText')}</span>
        <Group align="flex-end">
          <TextInput
            type="datetime-local"
            label={say('from')}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label={say('to')}
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Button
            variant="default"
            disabled={from === '' || to === ''}
            loading={plan.isPending}
            onClick={() => plan.mutate({ params: { id }, body: { ...range(), plan: true } })}
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
              <Button
                loading={fire.isPending}
                onClick={() => fire.mutate({ params: { id }, body: { ...range(), plan: false } })}
              >
                {say('fire', { n: slots.length })}
              </Button>
            ) : null}
          </div>
        ) : null}
      </div>
    </Card>
  )
}
