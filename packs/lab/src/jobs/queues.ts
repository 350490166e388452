// The six queues of the pack, each to be worked on by a process of its own if wanted.
import { defineQueue } from 'orderly'

/** Jobs at once in one process, and jobs that begin in a minute over all of them. */
export const QUEUES = [
  defineQueue({ name: 'email', concurrency: 5, rateLimit: { limit: 100, per: '1m' } }),
  defineQueue({ name: 'pdf', concurrency: 3, rateLimit: { limit: 20, per: '1m' } }),
  defineQueue({ name: 'notification', concurrency: 10, rateLimit: { limit: 200, per: '1m' } }),
  defineQueue({ name: 'ai', concurrency: 2, rateLimit: { limit: 10, per: '1m' } }),
  defineQueue({ name: 'oma', concurrency: 3, rateLimit: { limit: 60, per: '1m' } }),
  defineQueue({ name: 'scheduled', concurrency: 2 }),
]

export const QUEUE_NAMES = ['email', 'pdf', 'notification', 'ai', 'oma', 'scheduled'] as const
export type LabQueueName = (typeof QUEUE_NAMES)[number]
