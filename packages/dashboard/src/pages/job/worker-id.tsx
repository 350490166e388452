// The process that ran a job, by the end of its id, leading to what else it ran.
import { Link } from '@tanstack/react-router'

export function WorkerId({ id }: { readonly id: string | null }) {
  if (id === null) return '–'
  return (
    <Link className="link mono" to="/jobs" search={{ q: `worker:${id}` }} title={id}>
      {id.slice(-12)}
    </Link>
  )
}
