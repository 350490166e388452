// A masked value of a patient, and the way to see it: purpose and reason first, a minute to read, gone when one leaves.
import { Button, Select, Textarea, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { RequestOf } from '../api/call.ts'
import { asProblem } from '../app/problem.ts'
import { useSession } from '../app/session.ts'
import { useTexts } from '../app/texts.ts'
import { after, every } from '../app/time-source.ts'
import { IconEye, IconLock } from '../look/icons.ts'
import {
  AskConsent,
  ConsentGiven,
  NEEDS_CONSENT,
  useConsent,
  type RevealSubject,
} from './consent.tsx'
import { kindWord, PHI_KIND_TEXTS } from './phi-kinds.ts'
import { FormDialog } from './form-dialog.tsx'
import { StepUp } from './step-up.tsx'

export const MASKED_TEXTS = {
  hidden: ['masked {kind}', '{kind}, oculto'],
  reveal: ['Reveal', 'Descubrir'],
  revealField: ['Reveal {field}', 'Descubrir {field}'],
  title: ['See this value', 'Ver este valor'],
  text: [
    'Who saw it, when, and why goes to the audit log before the value leaves the server.',
    'Quién lo vio, cuándo y por qué queda en la auditoría antes de que el valor salga del servidor.',
  ],
  purpose: ['Purpose', 'Finalidad'],
  TREAT: ['Treatment of the patient', 'Tratamiento del paciente'],
  HPAYMT: ['Payment', 'Pago'],
  HOPERAT: ['Operation of the service', 'Funcionamiento del servicio'],
  PATRQT: ['The patient asked', 'Lo pidió el paciente'],
  HSYSADMIN: ['Support: finding out what went wrong', 'Soporte: averiguar qué falló'],
  ETREAT: ['Emergency treatment', 'Tratamiento de urgencia'],
  whyText: ['15 characters or more.', '15 caracteres o más.'],
  why: ['What for', 'Para qué'],
  ticket: ['Ticket, if there is one', 'Incidencia, si la hay'],
  left: ['{n} s left', 'quedan {n} s'],
  hide: ['Hide', 'Ocultar'],
} as const

const SHOWN_S = 60
const PURPOSES = ['TREAT', 'HPAYMT', 'HOPERAT', 'PATRQT', 'HSYSADMIN', 'ETREAT'] as const
const SHORTEST_WHY = 15

/** Asks the server for a value in the clear, with what it needs to be told. */
export type Reveal = (why: Why) => Promise<unknown>

export type Why = Pick<RequestOf<'reveal.job'>['body'], 'purpose' | 'text' | 'ticket' | 'approval'>

export interface MaskedValueProps {
  readonly mask: string
  readonly kind: string
  readonly field?: string
  readonly reveal?: Reveal
  /** What a second person can consent to; not set where the server knows of none. */
  readonly subject?: RevealSubject
}

export function MaskedValue({ mask, kind, field = kind, reveal, subject }: MaskedValueProps) {
  const say = useTexts(MASKED_TEXTS)
  const hidden = say('hidden', { kind: kindWord(kind, useTexts(PHI_KIND_TEXTS)) })
  const { can } = useSession()
  const [shown, setShown] = useState<string>()
  const [isAsking, setAsking] = useState(false)
  if (shown !== undefined) return <Revealed value={shown} onEnd={() => setShown(undefined)} />
  return (
    <span style={{ display: 'inline-flex', gap: '0.4rem', alignItems: 'center', flexWrap: 'wrap' }}>
      <span className="masked" title={hidden}>
        <IconLock size={12} aria-hidden />
        <span className="mono">{mask}</span>
        <span className="only-read">{hidden}</span>
      </span>
      {reveal && can('phi:reveal') ? (
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconEye size={13} aria-hidden />}
          aria-label={say('revealField', { field })}
          onClick={() => setAsking(true)}
        >
          {say('reveal')}
        </Button>
      ) : null}
      {reveal && isAsking ? (
        <RevealDialog
          reveal={reveal}
          {...(subject ? { subject } : {})}
          onClose={() => setAsking(false)}
          onShown={(value) => {
            setAsking(false)
            setShown(typeof value === 'string' ? value : JSON.stringify(value, null, 2))
          }}
        />
      ) : null}
    </span>
  )
}

export function RevealDialog({
  reveal,
  subject,
  onClose,
  onShown,
}: {
  readonly reveal: Reveal
  readonly subject?: RevealSubject
  readonly onClose: () => void
  readonly onShown: (value: unknown) => void
}) {
  const say = useTexts(MASKED_TEXTS)
  const [purpose, setPurpose] = useState<string | null>(null)
  const [why, setWhy] = useState('')
  const [ticket, setTicket] = useState('')
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const approval = useConsent(subject)
  const reason = {
    purpose: PURPOSES.find((each) => each === purpose) ?? 'HSYSADMIN',
    text: why.trim(),
    ...(ticket.trim() === '' ? {} : { ticket: ticket.trim() }),
  }
  const code = error === undefined ? '' : asProblem(error).code
  const needsConsent = subject !== undefined && NEEDS_CONSENT.includes(code)
  const needsStepUp = code === 'ORDERLY_STEP_UP_NEEDED'
  const ask = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    try {
      // The answer goes straight to who asked: no cache of the page ever holds it.
      onShown(await reveal({ ...reason, ...(approval === undefined ? {} : { approval }) }))
    } catch (problem) {
      setError(problem)
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title={say('title')}
      action={say('reveal')}
      isBusy={isBusy}
      canGo={purpose !== null && why.trim().length >= SHORTEST_WHY}
      error={needsStepUp || needsConsent ? undefined : error}
      onClose={onClose}
      onGo={() => void ask()}
    >
      <span className="quiet">{say('text')}</span>
      {approval === undefined ? null : <ConsentGiven />}
      <Select
        label={say('purpose')}
        required
        value={purpose}
        onChange={setPurpose}
        data={PURPOSES.map((value) => ({ value, label: say(value) }))}
        comboboxProps={{ withinPortal: true }}
      />
      <Textarea
        label={say('why')}
        description={say('whyText')}
        required
        minRows={2}
        autosize
        maxLength={500}
        value={why}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
      <TextInput
        label={say('ticket')}
        maxLength={60}
        value={ticket}
        onChange={(event) => setTicket(event.currentTarget.value)}
      />
      {needsConsent ? <AskConsent subject={subject} reason={reason} onAsked={onClose} /> : null}
      {needsStepUp ? <StepUp onDone={() => void ask()} /> : null}
    </FormDialog>
  )
}

/** A value in the clear, for a minute, and not when one looks elsewhere. */
export function Revealed({ value, onEnd }: { readonly value: string; readonly onEnd: () => void }) {
  const say = useTexts(MASKED_TEXTS)
  const [left, setLeft] = useState(SHOWN_S)
  useEffect(() => {
    const stopEnd = after(SHOWN_S * 1_000, onEnd)
    const stopTick = every(1_000, () => setLeft((before) => Math.max(0, before - 1)))
    window.addEventListener('blur', onEnd)
    document.addEventListener('visibilitychange', onEnd)
    return () => {
      stopEnd()
      stopTick()
      window.removeEventListener('blur', onEnd)
      document.removeEventListener('visibilitychange', onEnd)
    }
    // The first `onEnd` does what every later one would.
  }, [])
  return (
    <span className="revealed" data-revealed>
      <span className="mono" style={{ whiteSpace: 'pre-wrap' }}>
        {value}
      </span>
      <span className="quiet number">{say('left', { n: left })}</span>
      <Button size="compact-xs" variant="subtle" onClick={onEnd}>
        {say('hide')}
      </Button>
    </span>
  )
}
