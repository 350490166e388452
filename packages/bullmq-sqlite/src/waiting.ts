/** Owns a worker's wait for something to do. */
import { isClaimable } from './claim.ts'
import { nextDelayedAt } from './place.ts'
import type { QueueState } from './queue-state.ts'
import { QueueReader } from './reader.ts'
import type { Transaction } from './transaction.ts'
import type { Waiting } from './wake.ts'

const LONGEST_BLOCK_S = 86_400

type Marker = { member: string; score: number }

/** The members of IQueueBackend with which a worker sleeps until there may be a job. */
export abstract class JobWaiter extends QueueReader {
  readonly minimumBlockTimeout = 0.001
  readonly maximumBlockTimeout: number = LONGEST_BLOCK_S
  #jobWait: Waiting<Marker> | undefined
  #blockingCut = false

  async waitForJob(blockTimeout: number): Promise<Marker | null> {
    if (this.closing || this.#blockingCut) return null
    const queueNow = (tx: Transaction): QueueState => tx.peekQueue(this.qualifiedName)
    return this.sleep<Marker>(
      {
        probe: () => {
          const ready = this.connection.peek((tx) => isClaimable(tx, queueNow(tx)))
          return ready ? { member: '0', score: 0 } : undefined
        },
        dueAt: () =>
          this.connection.peek((tx) => {
            const queue = queueNow(tx)
            return queue.pausedOrMaxed ? undefined : nextDelayedAt(tx, queue)
          }),
        timeoutMs: blockTimeout * 1000,
        takes: true,
      },
      (waiting) => (this.#jobWait = waiting),
    )
  }

  async disconnectBlocking(_wait?: boolean): Promise<void> {
    this.#blockingCut = true
    this.#jobWait?.end()
  }

  async reconnectBlocking(): Promise<void> {
    this.#blockingCut = false
  }
}
