// The roles that somebody, or a key, is given.
import { MultiSelect } from '@mantine/core'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { ROLE_TEXTS, roleWords } from './role-words.ts'
import { ACCESS_TEXTS } from './texts.ts'

export function RolesInput({
  value,
  onChange,
}: {
  readonly value: string[]
  readonly onChange: (roles: string[]) => void
}) {
  const say = useTexts(ACCESS_TEXTS)
  const sayRole = useTexts(ROLE_TEXTS)
  const roles = useRead('roles.list', {})
  return (
    <MultiSelect
      label={say('roles')}
      data={(roles.data?.roles ?? []).map((role) => ({
        value: role.id,
        label: roleWords(role, sayRole).title,
      }))}
      value={value}
      onChange={onChange}
    />
  )
}
