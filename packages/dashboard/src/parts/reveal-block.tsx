// What is kept under seal of a job as one block, and the way to see it: purpose and reason first, a minute to read.
import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { call } from '../api/call.ts'
import { useSession } from '../app/session.ts'
import { IconEye } from '../look/icons.ts'
import type { RevealSubject } from './consent.tsx'
import { RevealDialog, Revealed } from './masked.tsx'

export function RevealBlock({
  subject,
  label,
  children,
  write,
}: {
  readonly subject: RevealSubject
  /** What the button says. */
  readonly label: string
  /** Stands there until it is revealed. */
  readonly children?: ReactNode
  /** What was opened as people read it. */
  readonly write: (value: unknown) => string
}) {
  const { can } = useSession()
  const [isAsking, setAsking] = useState(false)
  const [shown, setShown] = useState<string>()
  if (shown !== undefined) return <Revealed value={shown} onEnd={() => setShown(undefined)} />
  const { job, ...wanted } = subject
  return (
    <>
      {can('phi:reveal') ? (
        <Button
          size="compact-sm"
          variant="default"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconEye size={14} aria-hidden />}
          onClick={() => setAsking(true)}
        >
          {label}
        </Button>
      ) : null}
      {children}
      {isAsking ? (
        <RevealDialog
          reveal={async (why) => {
            const { values } = await call('reveal.job', {
              params: { id: job },
              body: { ...wanted, ...why },
            })
            return values[0]?.value
          }}
          subject={subject}
          onClose={() => setAsking(false)}
          onShown={(value) => {
            setAsking(false)
            setShown(write(value))
          }}
        />
      ) : null}
    </>
  )
}
