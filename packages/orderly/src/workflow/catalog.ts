// The workflows that an instance knows, each checked when it opens.
import { OrderlyError } from '../primitives/errors.ts'
import type { WorkflowDocument } from './document.ts'
import { validateWorkflow } from './validate.ts'

export interface Workflows {
  /** @throws OrderlyError `ORDERLY_NOT_FOUND`; the latest version unless told */
  find(id: string, version?: number): WorkflowDocument
  all(): readonly WorkflowDocument[]
}

/**
 * @param jobs the names of the jobs that their nodes may run
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` naming the first fault
 */
export function openWorkflows(
  documents: readonly WorkflowDocument[],
  jobs: Iterable<string>,
): Workflows {
  const known = {
    jobs: [...jobs].map((name) => ({ name })),
    workflows: documents.map(({ id }) => id),
  }
  for (const document of documents) {
    const { findings } = validateWorkflow(document, known)
    const [first] = findings
    if (first)
      throw new OrderlyError(
        'ORDERLY_DEFINITION_INVALID',
        `workflow "${document.id}" cannot run: ${first.message}`,
      )
  }
  const newestFirst = documents.toSorted((a, b) => b.version - a.version)
  return {
    all: () => documents,
    find(id, version) {
      const found = newestFirst.find(
        (one) => one.id === id && (version ?? one.version) === one.version,
      )
      if (found) return found
      throw new OrderlyError(
        'ORDERLY_NOT_FOUND',
        `no workflow "${id}"${version === undefined ? '' : ` of version ${version}`} is registered here; add it to createOrderly`,
      )
    },
  }
}
