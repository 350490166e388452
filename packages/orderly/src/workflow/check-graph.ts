// What is wrong with the shape of a workflow: circles, edges that lead nowhere, nodes that nobody reaches.
import type { WorkflowDocument, WorkflowEdge, WorkflowNode } from './document.ts'
import type { Finding, FindingCode } from './finding.ts'
import { edgesBy } from './plan.ts'

export function checkGraph(document: WorkflowDocument): Finding[] {
  const { nodes, edges, start } = document
  const into = edgesBy(edges, 'to')
  const outOf = edgesBy(edges, 'from')
  const findings: Finding[] = []
  if (!Object.hasOwn(nodes, start))
    findings.push({
      code: 'unknown-node',
      node: start,
      message: `the run starts at "${start}", which is no node`,
    })
  for (const { from, to } of edges)
    for (const end of [from, to])
      if (!Object.hasOwn(nodes, end))
        findings.push({
          code: 'unknown-node',
          node: end,
          message: `the edge from "${from}" to "${to}" leads to "${end}", which is no node`,
        })
  if (findings.length > 0) return findings
  const circle = findCycle(document)
  if (circle)
    findings.push({
      code: 'cycle',
      node: circle[0]!,
      message: `${circle.join(' → ')} goes round in a circle; use for-each for work that repeats`,
    })
  const reached = reachable(document)
  for (const [name, node] of Object.entries(nodes)) {
    if (node.type === 'compensate') {
      if (nodes[node.undoes]?.type !== 'job' && nodes[node.undoes]?.type !== 'for-each')
        findings.push({
          code: 'unknown-node',
          node: name,
          message: `"${name}" undoes "${node.undoes}", which is no job of this workflow`,
        })
      if (into.has(name) || outOf.has(name))
        findings.push({
          code: 'branch',
          node: name,
          message: `"${name}" compensates: it runs when the run fails, and has no edges`,
        })
    } else if (!reached.has(name))
      findings.push({
        code: 'unreachable',
        node: name,
        message: `nothing leads from "${start}" to "${name}"`,
      })
  }
  for (const [name, node] of Object.entries(nodes))
    findings.push(...checkEdges(name, node, outOf.get(name) ?? [], into.get(name)?.length ?? 0))
  return findings
}

function checkEdges(
  name: string,
  node: WorkflowNode,
  out: readonly WorkflowEdge[],
  leading: number,
): Finding[] {
  const findings: Finding[] = []
  const say = (code: FindingCode, message: string): void =>
    void findings.push({ code, node: name, message })
  if ((node.type === 'branch' || node.type === 'parallel') && out.length === 0)
    say('dead-end', `"${name}" leads nowhere; give it edges`)
  if (node.type === 'branch') {
    if (out.some(({ when, otherwise }) => !when && !otherwise))
      say('branch', `each edge of branch "${name}" has a condition, or is marked otherwise`)
    if (out.filter(({ otherwise }) => otherwise).length > 1)
      say('branch', `branch "${name}" has one edge marked otherwise at most`)
  } else if (out.some(({ otherwise }) => otherwise))
    say('branch', `"otherwise" is for edges of a branch, and "${name}" is none`)
  const said = new Set<string>()
  for (const { to, when, otherwise } of out) {
    const edge = JSON.stringify([to, when, otherwise])
    if (said.has(edge)) say('branch', `an edge from "${name}" to "${to}" is there twice`)
    said.add(edge)
  }
  if (node.type === 'join' && leading < 2)
    say('branch', `join "${name}" brings two edges or more together`)
  return findings
}

/** The nodes of one circle, first and last the same; undefined where there is none. */
function findCycle({ nodes, edges }: WorkflowDocument): string[] | undefined {
  const outOf = edgesBy(edges, 'from')
  const next = (name: string): string[] => (outOf.get(name) ?? []).map(({ to }) => to)
  const done = new Set<string>()
  for (const root of Object.keys(nodes)) {
    if (done.has(root)) continue
    // An explicit stack: a document may be a chain of thousands.
    const trail: { name: string; rest: string[] }[] = [{ name: root, rest: next(root) }]
    const on = new Set([root])
    while (trail.length > 0) {
      const top = trail.at(-1)!
      const to = top.rest.pop()
      if (to === undefined) {
        done.add(top.name)
        on.delete(top.name)
        trail.pop()
        continue
      }
      if (on.has(to)) {
        const names = trail.map(({ name }) => name)
        return [...names.slice(names.indexOf(to)), to]
      }
      if (done.has(to)) continue
      on.add(to)
      trail.push({ name: to, rest: next(to) })
    }
  }
  return undefined
}

function reachable({ start, edges }: WorkflowDocument): Set<string> {
  const outOf = edgesBy(edges, 'from')
  const next = (name: string): string[] => (outOf.get(name) ?? []).map(({ to }) => to)
  const reached = new Set([start])
  const queue = [start]
  for (let name = queue.pop(); name !== undefined; name = queue.pop())
    for (const to of next(name))
      if (!reached.has(to)) {
        reached.add(to)
        queue.push(to)
      }
  return reached
}
