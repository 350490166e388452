// The names of roles, side by side, in the reader's language.
import { useTexts } from '../../app/texts.ts'
import { ROLE_TEXTS } from './role-words.ts'

export function RoleNames({ roles }: { readonly roles: readonly string[] }) {
  const say = useTexts(ROLE_TEXTS)
  const isKnown = (role: string): role is keyof typeof ROLE_TEXTS => role in ROLE_TEXTS
  return roles.map((role) => (isKnown(role) ? say(role) : role)).join(', ')
}
