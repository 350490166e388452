// The server's plan of an action over many jobs: what it would do, what it leaves out and why; confirmed by its number.
import { Alert, Button, Group, NumberInput } from '@mantine/core'
import type { Job } from 'orderly/api'
import { useState, type ReactNode } from 'react'
import type { AnswerOf } from '../../api/call.ts'
import { useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { List } from '../../parts/list.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { BULK_TEXTS } from './bulk-texts.ts'

export type Plan = AnswerOf<'bulk.plan'>

export function BulkPlanStep({
  plan,
  onBack,
  onRun,
}: {
  readonly plan: Plan
  readonly onBack: () => void
  readonly onRun: (id: string) => void
}) {
  const say = useTexts(BULK_TEXTS)
  const format = useFormats()
  const [typed, setTyped] = useState<string | number>('')
  const run = useWrite('bulk.run', {
    isQuiet: true,
    onDone: ({ id }) => onRun(id),
  })
  const isSure = plan.total > 0 && typed === plan.total
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (isSure)
          run.mutate({
            params: { id: plan.id },
            body: { token: plan.token, confirm: plan.total },
          })
      }}
    >
      <Alert color={plan.total === 0 ? 'yellow' : 'teal'} title={say(plan.action)}>
        <div className="stack" style={{ gap: '0.3rem' }}>
          <span>
            {plan.total === 0
              ? say('nothing')
              : say('planText', { n: plan.total, found: plan.found })}
          </span>
          {plan.total === 0 ? null : (
            <span>{say('estimate', { time: format.span(plan.estimate) })}</span>
          )}
          <span className="quiet mono">{plan.search}</span>
        </div>
      </Alert>
      {plan.hasMore ? <Alert color="yellow">{say('hasMore')}</Alert> : null}
      <div className="bulk-split">
        <Split
          title={say('byState')}
          counts={plan.byState}
          show={(state) => <StateBadge state={state} />}
        />
        <Split title={say('byType')} counts={plan.byType} show={(type) => type} />
        <Split
          title={say('skips')}
          counts={Object.fromEntries(plan.skips.map(({ reason, count }) => [reason, count]))}
          show={(reason) => reason}
        />
      </div>
      {plan.total === 0 ? null : (
        <>
          <Sample jobs={plan.sample} />
          <NumberInput
            label={say('confirm', { n: plan.total })}
            required
            hideControls
            value={typed}
            onChange={setTyped}
          />
        </>
      )}
      {run.error ? <Failure error={run.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack}>
          {say('back')}
        </Button>
        <Button
          type="submit"
          color={plan.action === 'retry' || plan.action === 'promote' ? undefined : 'red'}
          loading={run.isPending}
          disabled={!isSure}
        >
          {say('go', { action: say(plan.action), n: plan.total })}
        </Button>
      </Group>
    </form>
  )
}

function Split({
  title,
  counts,
  show,
}: {
  readonly title: string
  readonly counts: Readonly<Record<string, number>>
  readonly show: (key: string) => ReactNode
}) {
  const format = useFormats()
  const rows = Object.entries(counts).toSorted(([, a], [, b]) => b - a)
  if (rows.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <dl className="facts">
        {rows.map(([key, count]) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt>{show(key)}</dt>
            <dd className="number">{format.number(count)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Sample({ jobs }: { readonly jobs: readonly Job[] }) {
  const say = useTexts(BULK_TEXTS)
  return (
    <details>
      <summary>{say('sample')}</summary>
      <List
        label={say('sample')}
        rows={jobs}
        rowKey={({ id }) => id}
        empty={null}
        columns={[
          { key: 'state', label: say('state'), cell: ({ state }) => <StateBadge state={state} /> },
          { key: 'type', label: say('type'), cell: ({ type }) => type },
          {
            key: 'id',
            label: say('id'),
            cell: ({ id }) => <span className="mono quiet">{id.slice(-12)}</span>,
          },
          {
            key: 'at',
            label: '',
            isNumber: true,
            cell: ({ createdAt }) => <Instant at={createdAt} />,
          },
        ]}
      />
    </details>
  )
}
