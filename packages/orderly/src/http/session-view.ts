// Sessions as the API shows them.
import { z } from 'zod'
import type { SessionView } from '../access/sessions.ts'
import { time } from './fields.ts'

export const sessionView: z.ZodType<SessionView> = z
  .object({
    id: z.string(),
    userId: z.string(),
    createdAt: time,
    seenAt: time,
    address: z.string(),
    agent: z.string(),
    mfa: z.string().nullable(),
  })
  .meta({ id: 'Session' })
