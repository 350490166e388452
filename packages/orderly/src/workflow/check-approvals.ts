// What is wrong with what a workflow asks of people: a question that says nothing, somebody who can never answer it.
import type { WorkflowDocument } from './document.ts'
import type { Finding, Surroundings } from './finding.ts'

const PERSON = /^user:./

export function checkApprovals({ nodes }: WorkflowDocument, { deciders }: Surroundings): Finding[] {
  const findings: Finding[] = []
  for (const [name, node] of Object.entries(nodes)) {
    if (node.type !== 'approval') continue
    if (node.question.trim() === '')
      findings.push({
        code: 'missing-field',
        node: name,
        message: `"${name}" asks nothing; write the question that is to be decided`,
      })
    if (!deciders) continue
    for (const who of new Set([...node.who, ...(node.escalation ?? [])]))
      if (!PERSON.test(who) && !deciders.includes(who))
        findings.push({
          code: 'unknown-role',
          node: name,
          message: `"${name}" asks "${who}", and no role of this name may decide; name ${deciders.join(', ')}, or a person, as in "user:ann"`,
        })
  }
  return findings
}
