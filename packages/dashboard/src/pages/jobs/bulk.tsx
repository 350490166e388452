// Acting on chosen jobs: what fits the action and what is left out is shown first, then one after the other is done.
import {
  Alert,
  Button,
  Drawer,
  Group,
  NumberInput,
  Progress,
  SegmentedControl,
  Textarea,
} from '@mantine/core'
import type { Job } from 'orderly/api'
import { useRef, useState } from 'react'
import { call } from '../../api/call.ts'
import { client } from '../../api/use.ts'
import { asProblem } from '../../app/problem.ts'
import { useTexts } from '../../app/texts.ts'
import { List } from '../../parts/list.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { BULK_TEXTS } from './texts.ts'

type Action = 'retry' | 'cancel'

const FITS: Readonly<Record<Action, ReadonlySet<string>>> = {
  retry: new Set(['completed', 'failed', 'removed']),
  cancel: new Set(['waiting', 'prioritized', 'delayed', 'waiting-children', 'active']),
}
const SAMPLE = 20

interface Done {
  readonly done: number
  readonly failed: readonly { readonly id: string; readonly why: string }[]
}

export function BulkDrawer({
  jobs,
  onClose,
}: {
  readonly jobs: readonly Job[]
  readonly onClose: () => void
}) {
  const say = useTexts(BULK_TEXTS)
  const [action, setAction] = useState<Action>('retry')
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState<number | string>('')
  const [result, setResult] = useState<Done>()
  const [isRunning, setRunning] = useState(false)
  const stop = useRef(false)
  const fitting = jobs.filter(({ state }) => FITS[action].has(state))
  const go = async (): Promise<void> => {
    setRunning(true)
    stop.current = false
    let done = 0
    const failed: { id: string; why: string }[] = []
    for (const { id } of fitting) {
      if (stop.current) break
      try {
        await call(`jobs.${action}`, { params: { id }, body: { reason } })
        done++
      } catch (error) {
        failed.push({ id, why: asProblem(error).message })
      }
      setResult({ done, failed: [...failed] })
    }
    setRunning(false)
    for (const area of ['jobs', 'queues', 'overview'])
      void client.invalidateQueries({ queryKey: [area] })
  }
  const total = (result?.done ?? 0) + (result?.failed.length ?? 0)
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={say('title', { n: jobs.length })}
    >
      <div className="stack">
        <SegmentedControl
          aria-label={say('action')}
          disabled={result !== undefined}
          value={action}
          onChange={(next) => setAction(next === 'cancel' ? 'cancel' : 'retry')}
          data={[
            { value: 'retry', label: say('retry') },
            { value: 'cancel', label: say('cancel') },
          ]}
        />
        <Alert color="teal">
          {say('plan', { n: fitting.length })}
          {fitting.length < jobs.length
            ? ` ${say('skipped', { n: jobs.length - fitting.length })}`
            : ''}
        </Alert>
        <List
          label={say('sample')}
          rows={fitting.slice(0, SAMPLE)}
          rowKey={({ id }) => id}
          empty={null}
          columns={[
            {
              key: 'state',
              label: say('state'),
              cell: ({ state }) => <StateBadge state={state} />,
            },
            { key: 'type', label: say('type'), cell: ({ type }) => type },
            {
              key: 'id',
              label: say('id'),
              cell: ({ id }) => <span className="mono quiet">{id.slice(-12)}</span>,
            },
          ]}
        />
        {result ? (
          <div role="status" className="stack" style={{ gap: '0.4rem' }}>
            <Progress
              value={(total / Math.max(1, fitting.length)) * 100}
              aria-label={say('progress')}
            />
            <span>
              {say('report', {
                done: result.done,
                failed: result.failed.length,
                total: fitting.length,
              })}
            </span>
            {result.failed.slice(0, SAMPLE).map(({ id, why }) => (
              <span key={id} className="quiet">
                <span className="mono">{id.slice(-12)}</span> {why}
              </span>
            ))}
          </div>
        ) : (
          <>
            <Textarea
              label={say('reason')}
              required
              autosize
              minRows={2}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <NumberInput
              label={say('confirm')}
              required
              hideControls
              value={typed}
              onChange={setTyped}
            />
          </>
        )}
        <Group justify="flex-end">
          {isRunning ? (
            <Button color="red" onClick={() => (stop.current = true)}>
              {say('stop')}
            </Button>
          ) : result ? (
            <Button onClick={onClose}>{say('close')}</Button>
          ) : (
            <Button
              color={action === 'cancel' ? 'red' : undefined}
              disabled={fitting.length === 0 || typed !== fitting.length || reason.trim() === ''}
              onClick={() => void go()}
            >
              {say('go', { n: fitting.length })}
            </Button>
          )}
        </Group>
      </div>
    </Drawer>
  )
}
