// Brings jobs that are added at the same time into one transaction, for a store whose commits go one after the other.
import type { IQueueBackend, JobJson, ParentKeyOpts } from 'bullmq'
import { isOwnId } from '../primitives/ids.ts'
import type { Layer } from './decorate.ts'

const MOST_TOGETHER = 100
/** Characters of data in one statement, beyond its first job. */
const MOST_DATA = 4_000_000

interface Waiting {
  readonly job: JobJson
  readonly id: string
  resolve(stored: string): void
  reject(cause: unknown): void
}

/**
 * Each add notifies the workers, and PostgreSQL commits what notifies one at a time, each with its own wait for the
 * disk. So while one add is on its way those that come meanwhile gather, and go together next.
 *
 * Only jobs that stand alone under an id of ours: what has a parent, a unique key, or an id that somebody else may have
 * chosen as well is answered by itself.
 *
 * @param isRefused whether an error came of the request rather than of the store
 */
export function addingTogether(
  inner: IQueueBackend,
  queue: string,
  isRefused: (error: unknown) => boolean,
): Layer {
  const waiting: Waiting[] = []
  let working = false

  const takeBatch = (): Waiting[] => {
    let data = 0
    let count = 1
    for (; count < Math.min(waiting.length, MOST_TOGETHER); count++) {
      data += waiting[count]!.job.data.length
      if (data > MOST_DATA) break
    }
    return waiting.splice(0, count)
  }
  const alone = async ({ job, id, resolve, reject }: Waiting): Promise<void> => {
    await inner.addJob(job, id).then(resolve, reject)
  }
  const together = async (batch: readonly Waiting[]): Promise<void> => {
    const answers = await inner.addFlow(
      batch.map(({ job, id }) => ({
        jobData: job,
        jobId: id,
        queueName: queue,
        prefix: '',
        parentKeyOpts: {},
      })),
    )
    const failed = answers.find(([error]) => error)
    if (failed) throw failed[0]
    batch.forEach(({ resolve }, index) => resolve(String(answers[index]![1])))
  }
  const work = async (): Promise<void> => {
    for (let batch = takeBatch(); batch.length > 0; batch = takeBatch()) {
      if (batch.length === 1) {
        await alone(batch[0]!)
        continue
      }
      try {
        await together(batch)
      } catch (error) {
        // One that is wrong keeps none of the others out.
        if (isRefused(error)) for (const one of batch) await alone(one)
        else for (const { reject } of batch) reject(error)
      }
    }
    working = false
  }

  return {
    addJob: (job, id, parent) => {
      if (!standsAlone(job, id, parent)) return inner.addJob(job, id, parent)
      return new Promise((resolve, reject) => {
        waiting.push({ job, id, resolve, reject })
        if (working) return
        working = true
        void work()
      })
    },
  }
}

function standsAlone(job: JobJson, id: string, parent: ParentKeyOpts = {}): boolean {
  if (parent.parentKey || parent.addToWaitingChildren) return false
  return isOwnId(id) && !job.deduplicationId && !job.parent && !job.parentKey
}
