// The roles that may decide what an approval asks, as the server has them.
import { useRead } from '../api/use.ts'

export function useDecidingRoles(): string[] {
  const { data } = useRead('roles.list', {})
  return (data?.roles ?? [])
    .filter(({ permissions }) => permissions.includes('workflows:approve'))
    .map(({ id }) => id)
}
