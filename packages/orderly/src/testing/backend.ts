// BullMQ's behaviour as a suite of vitest, for a queue store of one's own; it needs vitest, so it is an entry by itself.
export { describeBackend, type KnownDifference, type Store } from 'bullmq-sqlite/testing'
