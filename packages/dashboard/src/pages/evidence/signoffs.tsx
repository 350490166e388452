// Sign-offs: who answers for which period, with what words, and whether its evidence is as it was signed.
import type { Signoff } from 'orderly/api'
import { Button, Select, Textarea } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../../api/call.ts'
import { showProblem, useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { now } from '../../app/time-source.ts'
import { IconPencil } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Instant } from '../../parts/instant.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { StepUp } from '../../parts/step-up.tsx'
import { SIGNOFF_TEXTS } from './signoff-texts.ts'

const KINDS = ['technical', 'security', 'compliance', 'qa'] as const
const SHORTEST = 15

export interface Period {
  readonly from?: number
  readonly type?: string
}

export function Signoffs({ period }: { readonly period: Period }) {
  const say = useTexts(SIGNOFF_TEXTS)
  const format = useFormats()
  const { can } = useSession()
  const [isSigning, setSigning] = useState(false)
  const read = useRead('signoffs.list', {})
  return (
    <ListCard
      title={say('title')}
      read={read}
      lines={3}
      maker={
        can('evidence:signoff')
          ? {
              label: say('sign'),
              icon: <IconPencil size={14} aria-hidden />,
              onMake: () => setSigning(true),
            }
          : undefined
      }
      rowKey={({ id }) => id}
      empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
      columns={[
        { key: 'kind', label: say('kind'), cell: ({ kind }) => <strong>{say(kind)}</strong> },
        {
          key: 'what',
          label: say('what'),
          cell: ({ type, from, to, runs }) => (
            <>
              {type ?? say('allTypes')}{' '}
              <span className="quiet">
                {format.day(from)} – {format.day(to)} · {say('runs', { n: runs })}
              </span>
            </>
          ),
        },
        { key: 'statement', label: say('statement'), cell: ({ statement }) => statement },
        { key: 'who', label: say('who'), cell: ({ by }) => by },
        {
          key: 'when',
          label: say('when'),
          isNumber: true,
          cell: ({ at }) => <Instant at={at} as="full" />,
        },
        {
          key: 'entry',
          label: say('entry'),
          cell: ({ entry }) => (
            <Link className="link mono" to="/audit" title={entry}>
              {entry.slice(-10)}
            </Link>
          ),
        },
      ]}
      actions={(row) => <Check signoff={row} />}
    >
      {isSigning ? <SignDialog period={period} onClose={() => setSigning(false)} /> : null}
    </ListCard>
  )
}

function Check({ signoff }: { readonly signoff: Signoff }) {
  const say = useTexts(SIGNOFF_TEXTS)
  const [isSame, setSame] = useState<boolean>()
  const check = async (): Promise<void> => {
    try {
      setSame((await call('signoffs.check', { params: { id: signoff.id } })).isSame)
    } catch (error) {
      showProblem(error)
    }
  }
  if (isSame !== undefined)
    return (
      <StateBadge
        state={isSame ? 'completed' : 'failed'}
        label={say(isSame ? 'same' : 'changed')}
      />
    )
  return (
    <Button size="compact-sm" variant="default" onClick={() => void check()}>
      {say('check')}
    </Button>
  )
}

function SignDialog({
  period,
  onClose,
}: {
  readonly period: Period
  readonly onClose: () => void
}) {
  const say = useTexts(SIGNOFF_TEXTS)
  const format = useFormats()
  const [kind, setKind] = useState<Signoff['kind']>()
  const [statement, setStatement] = useState('')
  // What is signed does not move while one reads it.
  const [to] = useState(now)
  const from = period.from ?? 0
  const write = useWrite('signoffs.create', { isQuiet: true, done: say('done'), onDone: onClose })
  const needsStepUp = write.error?.code === 'ORDERLY_STEP_UP_NEEDED'
  const go = (): void => {
    if (!kind) return
    const type = period.type === undefined ? {} : { type: period.type }
    write.mutate({ body: { kind, ...type, from, to, statement: statement.trim() } })
  }
  return (
    <FormDialog
      title={say('sign')}
      action={say('sign')}
      isBusy={write.isPending}
      canGo={kind !== undefined && statement.trim().length >= SHORTEST}
      error={needsStepUp ? undefined : write.error}
      onClose={onClose}
      onGo={go}
    >
      <span className="quiet">
        {say('signText', {
          type: period.type ?? say('allTypes'),
          from: from === 0 ? '…' : format.fullTime(from),
          to: format.fullTime(to),
        })}
      </span>
      <Select
        label={say('kind')}
        required
        value={kind ?? null}
        onChange={(value) => setKind(KINDS.find((each) => each === value))}
        data={KINDS.map((value) => ({ value, label: say(value) }))}
      />
      <Textarea
        label={say('statement')}
        description={say('statementText')}
        required
        autosize
        minRows={2}
        maxLength={500}
        value={statement}
        onChange={(event) => setStatement(event.currentTarget.value)}
      />
      {needsStepUp ? <StepUp onDone={go} /> : null}
    </FormDialog>
  )
}
