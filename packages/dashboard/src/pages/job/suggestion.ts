// Doing what an explanation suggests: where it is one press, it is done; where it needs more, the page for it opens.
import { useNavigate } from '@tanstack/react-router'
import type { AnswerOf } from '../../api/call.ts'
import { useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'

type Suggestion = NonNullable<AnswerOf<'jobs.explain'>['action']>

/**
 * @param onRetry asks for running the job of the page again, where that may be done
 * @returns what to do for a suggestion; undefined where this person cannot
 */
export function useSuggestion(
  onRetry: (() => void) | undefined,
): (suggestion: Suggestion) => (() => void) | undefined {
  const { can } = useSession()
  const navigate = useNavigate()
  const resume = useWrite('queues.resume', { renews: ['jobs', 'overview'] })
  const resumeType = useWrite('types.resume', { renews: ['jobs', 'overview'] })
  const promote = useWrite('jobs.promote', { renews: ['queues'] })
  return ({ operation, params }) => {
    const { name = '', id = '', kind = '' } = params
    switch (operation) {
      case 'queues.resume':
        return can('queues:control') ? () => resume.mutate({ params: { name } }) : undefined
      case 'types.resume':
        return can('queues:control') ? () => resumeType.mutate({ params: { name } }) : undefined
      case 'jobs.retry':
        return onRetry
      case 'jobs.promote':
        return can('jobs:cancel') ? () => promote.mutate({ params: { id } }) : undefined
      case 'queues.get':
        return () => void navigate({ to: '/queues/$name', params: { name } })
      case 'jobs.get':
      case 'jobs.explain':
        return () => void navigate({ to: '/jobs/$id', params: { id } })
      case 'runs.get':
        return () => void navigate({ to: '/runs/$id', params: { id } })
      case 'workers.list':
        return () => void navigate({ to: '/workers' })
      case 'limits.override':
      case 'limits.reset':
        return () =>
          void navigate({ to: kind === 'job' ? '/types/$name' : '/queues/$name', params: { name } })
      default:
        return undefined
    }
  }
}
