// The jobs that a job waits for, and those that these wait for.
import type { IQueueBackend } from 'bullmq'

/** A job where it is kept. */
export interface Node {
  readonly queue: string
  readonly id: string
}

const DEEPEST = 50

/** The children of a job, and theirs. */
export async function descendants(backend: IQueueBackend, id: string, depth = 0): Promise<Node[]> {
  if (depth > DEEPEST) return []
  const found = await backend.getDependencies(id, {})
  const keys = [...(found.unprocessed ?? []), ...Object.keys(found.processed ?? {})]
  const nodes: Node[] = []
  for (const key of keys) {
    const { queueName, id: childId, prefix } = backend.parseNodeKey(key)
    const home = backend.forQueue(queueName, prefix || undefined)
    nodes.push({ queue: queueName, id: childId }, ...(await descendants(home, childId, depth + 1)))
  }
  return nodes
}
