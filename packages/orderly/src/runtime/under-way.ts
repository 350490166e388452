// Follows what is asked of an instance until it is answered, so that closing can wait for it and nobody waits for ever.
import type { Clock } from '../primitives/clock.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { within } from '../primitives/within.ts'

export interface UnderWay {
  /**
   * The same members, each followed until it is answered.
   *
   * @param waits members that wait for others to do something: they are told when it is over, and not waited for
   */
  follow<Face extends object>(face: Face, waits?: readonly (keyof Face)[]): Face
  /** Refuses what is asked from now on, and resolves once what was asked before is answered, or after `ms`. */
  settled(ms: number): Promise<void>
  /** Tells those who still wait that they wait for nothing. */
  drop(): void
}

type Member = (...given: unknown[]) => unknown

interface Asked {
  readonly answered: Promise<unknown>
  readonly isWait: boolean
  reject(error: OrderlyError): void
}

export function openUnderWay(clock: Clock): UnderWay {
  const asked = new Set<Asked>()
  let isClosing = false

  const followed = (member: Member, isWait: boolean): Member => {
    return (...given) =>
      new Promise((resolve, reject) => {
        if (isClosing) return reject(refused())
        // What a member throws at once is an answer as well.
        const answered = (async () => member(...given))()
        const one = { answered, isWait, reject }
        asked.add(one)
        answered.then(resolve, reject).finally(() => asked.delete(one))
      })
  }
  return {
    follow(face, waits = []) {
      const members = Object.entries(face).map(([name, member]) => [
        name,
        typeof member === 'function'
          ? followed(member as Member, waits.includes(name as keyof typeof face))
          : (member as unknown),
      ])
      return Object.fromEntries(members) as typeof face
    },
    async settled(ms) {
      isClosing = true
      const owed = [...asked].filter(({ isWait }) => !isWait).map(({ answered }) => answered)
      await within(clock, ms, Promise.allSettled(owed))
    },
    drop() {
      for (const { reject } of asked) reject(unanswered())
      asked.clear()
    },
  }
}

function refused(): OrderlyError {
  return new OrderlyError('ORDERLY_CLOSED', 'this instance is closed; open a new one')
}

function unanswered(): OrderlyError {
  return new OrderlyError(
    'ORDERLY_CLOSED',
    'this instance was closed before it had an answer; look up what became of it in a new one, or ask again with an idempotencyKey',
  )
}
