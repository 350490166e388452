// The workflows that a program brings with it, each checked when an instance opens.
import type { JobDefinition } from '../job/define-job.ts'
import { jobSchemas } from '../job/json-schema.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { WorkflowDocument } from './document.ts'
import type { KnownJob } from './finding.ts'
import { validateWorkflow } from './validate.ts'

export interface Workflows {
  /** The latest version unless told; undefined where the program brings none. */
  find(id: string, version?: number): WorkflowDocument | undefined
  all(): readonly WorkflowDocument[]
}

/** What the check of a document may know of the jobs that are registered. */
export function knownJobs(jobs: Iterable<JobDefinition>): KnownJob[] {
  return [...jobs].map((job) => {
    const { input, output } = jobSchemas(job)
    return { name: job.name, ...(input ? { input } : {}), ...(output ? { output } : {}) }
  })
}

/**
 * @param jobs the jobs that their nodes may run
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` naming the first fault
 */
export function openWorkflows(
  documents: readonly WorkflowDocument[],
  jobs: Iterable<JobDefinition>,
): Workflows {
  const known = { jobs: knownJobs(jobs) }
  const seen = new Set<string>()
  for (const document of documents) {
    const [first] = validateWorkflow(document, known).findings
    if (first) throw invalid(`workflow "${document.id}" cannot run: ${first.message}`)
    const name = `${document.id}@${document.version}`
    if (seen.has(name))
      throw invalid(
        `two workflows are version ${document.version} of "${document.id}"; number one anew`,
      )
    seen.add(name)
  }
  const newestFirst = documents.toSorted((a, b) => b.version - a.version)
  return {
    all: () => documents,
    find: (id, version) =>
      newestFirst.find((one) => one.id === id && (version ?? one.version) === one.version),
  }
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_DEFINITION_INVALID', message)
}
