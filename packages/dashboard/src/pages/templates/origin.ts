// Where a template comes from, in words.
import type { AnswerOf } from '../../api/call.ts'
import type { Say } from '../../app/texts.ts'
import type { TEMPLATE_TEXTS } from './texts.ts'

type Template = AnswerOf<'templates.list'>['data'][number]

export function originOf(
  { provenance }: Pick<Template, 'provenance'>,
  say: Say<typeof TEMPLATE_TEXTS>,
): string {
  const { pack, author, source, forkedFrom } = provenance
  const parts = [
    pack === undefined ? undefined : say('fromPack', { name: pack }),
    forkedFrom === undefined
      ? undefined
      : say('fromFork', { id: forkedFrom.id, version: String(forkedFrom.version) }),
    source,
    author,
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? say('fromProgram') : parts.join(' · ')
}
