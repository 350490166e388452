// Acting on many jobs: which and what, the server's plan of it, then its progress and report.
import {
  Button,
  Group,
  NumberInput,
  Radio,
  SegmentedControl,
  Textarea,
  UnstyledButton,
} from '@mantine/core'
import { useState } from 'react'
import type { RequestOf } from '../../api/call.ts'
import { useRead, useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank, Failure } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered } from '../../parts/list.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { BulkPlanStep, type Plan } from './bulk-plan.tsx'
import { BulkRun } from './bulk-run.tsx'
import { BULK_TEXTS } from './bulk-texts.ts'
import { searchForIds } from './search-text.ts'
import { SideDialog } from '../../parts/dialog.tsx'

type Request = RequestOf<'bulk.plan'>['body']
type BulkAction = Request['action']

const ACTIONS: readonly { readonly action: BulkAction; readonly permission: string }[] = [
  { action: 'retry', permission: 'jobs:retry' },
  { action: 'cancel', permission: 'jobs:cancel' },
  { action: 'promote', permission: 'jobs:cancel' },
  { action: 'delete', permission: 'jobs:delete' },
]
const PACE = 50

export interface BulkDrawerProps {
  /** Ids of the rows that were chosen. */
  readonly chosen: readonly string[]
  readonly search: string
  /** The run that is looked at; empty for a new plan. */
  readonly run: string
  readonly onRun: (id: string) => void
  readonly onClose: () => void
}

export function BulkDrawer(props: BulkDrawerProps) {
  const say = useTexts(BULK_TEXTS)
  const { run, onRun, onClose } = props
  const [plan, setPlan] = useState<Plan>()
  return (
    <SideDialog opened onClose={onClose} position="right" size="lg" title={say('title')}>
      {run !== '' ? (
        <BulkRun
          id={run}
          onClose={onClose}
          onAnother={() => {
            setPlan(undefined)
            onRun('')
          }}
        />
      ) : plan ? (
        <BulkPlanStep plan={plan} onBack={() => setPlan(undefined)} onRun={onRun} />
      ) : (
        <Choose {...props} onPlan={setPlan} />
      )}
    </SideDialog>
  )
}

function Choose({
  chosen,
  search,
  onPlan,
  onRun,
}: BulkDrawerProps & { readonly onPlan: (plan: Plan) => void }) {
  const say = useTexts(BULK_TEXTS)
  const { can } = useSession()
  const actions = ACTIONS.filter(({ permission }) => can(permission))
  const ofChosen = chosen.length === 0 ? undefined : searchForIds(chosen)
  const [scope, setScope] = useState(ofChosen === undefined ? 'found' : 'chosen')
  const [action, setAction] = useState<BulkAction>(actions[0]?.action ?? 'retry')
  const [reason, setReason] = useState('')
  const [pace, setPace] = useState<string | number>(PACE)
  const plan = useWrite('bulk.plan', { isQuiet: true, onDone: onPlan })
  const isReady = reason.trim() !== '' && typeof pace === 'number' && pace >= 1
  return (
    <div className="stack">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (!isReady || typeof pace !== 'number') return
          // A search without conditions finds everything; the API wants one all the same.
          const found = search.trim() === '' ? 'sort:-created' : search
          const q = scope === 'chosen' ? (ofChosen ?? found) : found
          plan.mutate({ body: { action, q, reason: reason.trim(), perSecond: pace } })
        }}
      >
        <Radio.Group label={say('scope')} value={scope} onChange={setScope}>
          <div className="stack" style={{ gap: '0.35rem', marginTop: '0.35rem' }}>
            {ofChosen === undefined ? null : (
              <Radio value="chosen" label={say('scopeChosen', { n: chosen.length })} />
            )}
            <Radio
              value="found"
              label={say(search.trim() === '' ? 'scopeAll' : 'scopeFound')}
              description={search.trim() === '' ? undefined : <code>{search}</code>}
            />
          </div>
        </Radio.Group>
        <SegmentedControl
          aria-label={say('action')}
          className="segmented-scroll"
          value={action}
          onChange={setAction}
          data={actions.map((each) => ({ value: each.action, label: say(each.action) }))}
        />
        <Textarea
          label={say('reason')}
          description={say('reasonText')}
          required
          autosize
          minRows={2}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <NumberInput
          label={say('pace')}
          required
          min={1}
          max={1_000}
          value={pace}
          onChange={setPace}
        />
        {plan.error ? <Failure error={plan.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" loading={plan.isPending} disabled={!isReady}>
            {say('makePlan')}
          </Button>
        </Group>
      </form>
      <Latest onRun={onRun} />
    </div>
  )
}

function Latest({ onRun }: { readonly onRun: (id: string) => void }) {
  const say = useTexts(BULK_TEXTS)
  const read = useRead('bulk.list', {})
  return (
    <section aria-label={say('latest')}>
      <h3>{say('latest')}</h3>
      <Answered read={read} lines={3}>
        {({ data }) => {
          const begun = data.filter(({ startedAt }) => startedAt !== null)
          return begun.length === 0 ? (
            <Blank title={say('none')} />
          ) : (
            <ul className="bulk-list">
              {begun.slice(0, 8).map(({ id, action, by, state, total, startedAt }) => (
                <li key={id}>
                  <UnstyledButton
                    onClick={() => onRun(id)}
                    aria-label={say('open', { action: say(action), by })}
                  >
                    <StateBadge
                      state={state === 'aborted' ? 'cancelled' : state}
                      label={say(state)}
                    />
                    <span>
                      {say('go', { action: say(action), n: total })}{' '}
                      <span className="quiet">
                        {by} · <Instant at={startedAt} />
                      </span>
                    </span>
                  </UnstyledButton>
                </li>
              ))}
            </ul>
          )
        }}
      </Answered>
    </section>
  )
}
