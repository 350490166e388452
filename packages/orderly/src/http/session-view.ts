// Sessions as the API shows them.
import { z } from 'zod'
import type { SessionView } from '../access/sessions.ts'
import { time } from './fields.ts'

const fields = {
  id: z.string(),
  userId: z.string(),
  createdAt: time,
  seenAt: time,
  address: z.string(),
  agent: z.string(),
  mfa: z.string().nullable(),
}

export const sessionView: z.ZodType<SessionView> = z.object(fields).meta({ id: 'Session' })

/** A session as its own user sees it. */
export interface OwnSessionView extends SessionView {
  readonly current: boolean
}

export const ownSessionView: z.ZodType<OwnSessionView> = z
  .object({ ...fields, current: z.boolean().describe('The one that asks.') })
  .meta({ id: 'OwnSession' })
