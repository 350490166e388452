// A process that enqueues inside a transaction and relays, and dies where it is told.
import { z } from 'zod'
import { defineJob } from '../../packages/orderly/src/job/define-job.ts'
import { enqueue } from '../../packages/orderly/src/runtime/enqueue.ts'
import { relay } from '../../packages/orderly/src/runtime/relay.ts'
import type { Rooms } from '../../packages/orderly/src/runtime/rooms.ts'
import { parseKeyring } from '../../packages/orderly/src/vault/keyring.ts'
import { openRooms, storeAt } from './rooms.ts'

export const POINTS = ['before-commit', 'after-commit', 'after-record', 'after-add'] as const

const [databaseUrl = '', storeUrl = '', keyring = '', point = '', from = '0'] =
  process.argv.slice(2)

// The parent imports the points from here and is not to become a child.
if (databaseUrl !== '' && process.send) {
  const visit = defineJob({ name: 'visit', input: z.object({ n: z.number() }) })
  const { rooms } = await openRooms({
    databaseUrl,
    store: storeAt(storeUrl),
    keyring: parseKeyring(keyring, 'argument'),
    jobs: [visit],
  })
  await rooms.history.query.transaction().execute(async (transaction) => {
    for (let n = Number(from); n < Number(from) + 3; n++) {
      await transaction
        .withTables<{ ledger: { n: number } }>()
        .insertInto('ledger')
        .values({ n })
        .execute()
      await enqueue(rooms, visit, { n }, { transaction })
    }
    die('before-commit')
  })
  die('after-commit')
  await relay(mortal(rooms))
  // Another one relayed its jobs before it came to its point; it dies all the same.
  process.kill(process.pid, 'SIGKILL')
}

function die(here: (typeof POINTS)[number]): void {
  if (here === point) process.kill(process.pid, 'SIGKILL')
}

/** The same rooms, in which one dies. */
function mortal(rooms: Rooms): Rooms {
  const { name, engine } = rooms.engines.current()
  const raw = (queue: string) => {
    const inner = engine.raw(queue)
    return {
      ...inner,
      add: async (...args: Parameters<typeof inner.add>) => {
        const ids = await inner.add(...args)
        die('after-add')
        return ids
      },
    }
  }
  return {
    ...rooms,
    engines: { ...rooms.engines, current: () => ({ name, engine: { ...engine, raw } }) },
    recorder: {
      ...rooms.recorder,
      recordNew: async (entries) => {
        const fresh = await rooms.recorder.recordNew(entries)
        die('after-record')
        return fresh
      },
    },
  }
}
