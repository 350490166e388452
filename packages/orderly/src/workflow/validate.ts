// Finds what is wrong with a workflow before anybody runs it: each finding names its node.
import { checkGraph } from './check-graph.ts'
import { faultOfInputSchema } from './check-input.ts'
import { checkValues } from './check-values.ts'
import { workflowDocument, type WorkflowDocument } from './document.ts'
import type { Finding, Surroundings } from './finding.ts'

export type Validation =
  | { readonly valid: true; readonly document: WorkflowDocument; readonly findings: readonly [] }
  | { readonly valid: false; readonly findings: readonly Finding[] }

const MOST_FINDINGS = 200

/** Checks a document as it was written. */
export function validateWorkflow(value: unknown, known: Surroundings = {}): Validation {
  const parsed = workflowDocument.safeParse(value)
  if (!parsed.success) {
    const findings = parsed.error.issues.slice(0, MOST_FINDINGS).map(({ path, message }) => ({
      code: 'shape' as const,
      node: path[0] === 'nodes' && path.length > 1 ? String(path[1]) : '',
      message: `${path.map(String).join('.') || 'the document'}: ${message}`,
    }))
    return { valid: false, findings }
  }
  const document = parsed.data
  const findings = [
    ...checkInputSchema(document),
    ...checkGraph(document),
    ...checkValues(document, known),
  ].slice(0, MOST_FINDINGS)
  if (findings.length > 0) return { valid: false, findings }
  return { valid: true, document, findings: [] }
}

/** Who begins a run is told what its input lacks, so there must be something to tell it by. */
function checkInputSchema(document: WorkflowDocument): Finding[] {
  const fault = faultOfInputSchema(document)
  if (fault === undefined) return []
  const message = `nothing can be checked by the schema of its input: ${fault}`
  return [{ code: 'shape', node: '', message }]
}
