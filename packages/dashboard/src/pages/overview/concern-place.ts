// Where one goes to look at a concern.
import type { AnswerOf } from '../../api/call.ts'

type Concern = AnswerOf<'overview.get'>['concerns'][number]

export interface Place {
  readonly to: string
  readonly params?: Readonly<Record<string, string>>
  readonly search?: Readonly<Record<string, string>>
}

export function placeOf({ kind, about }: Concern): Place {
  if (/queue|pause|backlog|worker|oldest/.test(kind) && about !== '')
    return { to: '/queues/$name', params: { name: about } }
  if (/schedule|slot/.test(kind)) return { to: '/schedules/$id', params: { id: about } }
  if (/dead|fail/.test(kind)) return { to: '/failures' }
  if (/audit|ledger|chain/.test(kind)) return { to: '/audit' }
  if (/alert/.test(kind)) return { to: '/alerts' }
  if (/run|workflow|approval/.test(kind)) return { to: '/workflows' }
  if (/key/.test(kind)) return { to: '/settings' }
  return { to: '/workers' }
}
