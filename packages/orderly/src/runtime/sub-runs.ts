// How much a workflow run may hold: runs within it, and items of its lists.
import { OrderlyError } from '../primitives/errors.ts'
import { countRunsWithin, depthOfRun } from '../state/runs.ts'
import type { RunRow } from '../state/run-tables.ts'
import type { StateDatabase } from '../state/tables.ts'

/** Runs within runs: a workflow that runs itself, by whatever detour, comes to an end here. */
const DEEPEST = 20
/** A workflow of two nodes that both run it would else be a million runs where it is 20 deep. */
const MOST_WITHIN = 10_000

/** Counts the runs that begin within others, those of several transitions at once. */
export class SubRuns {
  readonly #state: StateDatabase
  readonly #counts = new Map<string, number>()

  constructor(state: StateDatabase) {
    this.#state = state
  }

  /**
   * Makes room for one more within `parent`.
   *
   * @returns the outermost of the runs that it is within
   * @throws OrderlyError `ORDERLY_RUN_TOO_LARGE`
   */
  async add(parent: RunRow): Promise<string> {
    const root = parent.root ?? parent.id
    const count = this.#counts.get(root) ?? (await countRunsWithin(this.#state, root))
    this.#counts.set(root, count)
    if (count >= MOST_WITHIN)
      throw new OrderlyError(
        'ORDERLY_RUN_TOO_LARGE',
        `a run has ${MOST_WITHIN} runs within it at most; look whether one of them runs itself, or begin some on their own`,
      )
    if ((await depthOfRun(this.#state, parent.id, DEEPEST)) >= DEEPEST)
      throw new OrderlyError(
        'ORDERLY_RUN_TOO_LARGE',
        `sub-workflows go ${DEEPEST} deep at most; look whether one of them runs itself`,
      )
    this.#counts.set(root, count + 1)
    return root
  }
}
