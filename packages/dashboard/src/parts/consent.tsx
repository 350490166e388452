// The consent of a second person to see values of a patient: asked for where it is needed, used where it was given.
import { Alert, Button } from '@mantine/core'
import type { RequestOf } from '../api/call.ts'
import { useRead, useWrite } from '../api/use.ts'
import { useSession } from '../app/session.ts'
import { useTexts } from '../app/texts.ts'
import { Failure } from './blank.tsx'

/** What somebody wants to see: fields of one part of a job. */
export type RevealSubject = Pick<
  RequestOf<'approvals.request'>['body'],
  'job' | 'part' | 'attempt' | 'pointers'
>
export type RevealReason = Pick<
  RequestOf<'approvals.request'>['body'],
  'purpose' | 'text' | 'ticket'
>

const TEXTS = {
  needed: [
    'Somebody else must consent first: here nobody sees this alone, or you have seen many values already.',
    'Antes debe consentir otra persona: aquí nadie lo ve solo, o ya ha visto muchos valores.',
  ],
  ask: ['Ask for consent', 'Pedir el consentimiento'],
  asked: [
    'You are told once somebody has decided; then reveal it again here.',
    'Se le avisa cuando alguien decida; entonces descúbralo aquí otra vez.',
  ],
  given: [
    'Somebody else has consented to it. The consent is used up by this one look.',
    'Otra persona ha consentido. El consentimiento se gasta con esta consulta.',
  ],
} as const

/** Codes by which the server says that one person is not enough. */
export const NEEDS_CONSENT: readonly string[] = ['ORDERLY_FORBIDDEN', 'ORDERLY_TOO_MANY_REQUESTS']

/** A consent to exactly this that is in force. */
export function useConsent(subject: RevealSubject | undefined): string | undefined {
  const { actor } = useSession()
  const read = useRead('approvals.list', {}, { enabled: subject !== undefined })
  if (!subject) return undefined
  return read.data?.data.find(
    ({ state, requestedBy, job, part, attempt, pointers }) =>
      state === 'approved' &&
      requestedBy === actor?.id &&
      job === subject.job &&
      part === subject.part &&
      attempt === subject.attempt &&
      pointers.join('\n') === subject.pointers.join('\n'),
  )?.id
}

export function ConsentGiven() {
  const say = useTexts(TEXTS)
  return <Alert color="green">{say('given')}</Alert>
}

export function AskConsent({
  subject,
  reason,
  onAsked,
}: {
  readonly subject: RevealSubject
  readonly reason: RevealReason
  readonly onAsked: () => void
}) {
  const say = useTexts(TEXTS)
  const ask = useWrite('approvals.request', { isQuiet: true, done: say('asked'), onDone: onAsked })
  return (
    <Alert color="violet">
      <div className="stack" style={{ gap: '0.5rem', alignItems: 'flex-start' }}>
        <span>{say('needed')}</span>
        {ask.error ? <Failure error={ask.error} /> : null}
        <Button
          size="compact-md"
          loading={ask.isPending}
          onClick={() => ask.mutate({ body: { ...subject, ...reason } })}
        >
          {say('ask')}
        </Button>
      </div>
    </Alert>
  )
}
