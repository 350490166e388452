// The reference of rules, made from their table.
import { RULES, type Rule } from './rules.ts'

const GROUPS: readonly (readonly [string, Rule['where'][]])[] = [
  ['The file and its head', ['file', 'head']],
  ['Columns', ['columns']],
  ['Rows and items', ['row']],
  ['Prices', ['price']],
  ['Change', ['change']],
]

/** `docs/reference/price-rules.md`, as it must be. */
export function ruleReference(): string {
  const lines = [
    '# Rules for price files',
    '',
    'Made from `packs/prices/src/validate/rules.ts`. An **error** makes a file invalid by the rules of CMS; an **alert** is',
    'what CMS tells and lets pass; a **warning** is our own doubt. "since" is the first version of the CMS layout a rule',
    'holds for.',
  ]
  for (const [title, places] of GROUPS) {
    lines.push(
      '',
      `## ${title}`,
      '',
      '| rule | severity | since | what it says |',
      '| --- | --- | --- | --- |',
    )
    for (const [id, rule] of Object.entries<Rule>(RULES))
      if (places.includes(rule.where)) {
        const since = rule.since === null ? '' : rule.until ? `${rule.since} only` : rule.since
        lines.push(`| \`${id}\` | ${rule.severity} | ${since} | ${rule.title} |`)
      }
  }
  return `${lines.join('\n')}\n`
}
