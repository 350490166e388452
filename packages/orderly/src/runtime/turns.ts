// Runs a piece of work once at a time by name: whoever asks meanwhile is served by one more run.
export interface Turns {
  /**
   * Runs `work` now, or once more when the run that is under way has ended. What it throws goes to `onError`.
   *
   * @returns false once it is closed: then nothing runs
   */
  ask(name: string, work: () => Promise<unknown>): boolean
  /** Takes nothing more and waits for what runs. */
  close(): Promise<void>
}

export function openTurns(onError: (error: Error) => void): Turns {
  const running = new Map<string, Promise<void>>()
  const asked = new Set<string>()
  let closed = false
  const run = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    do {
      asked.delete(name)
      await work().catch(onError)
    } while (asked.has(name) && !closed)
    running.delete(name)
  }
  return {
    ask(name, work) {
      if (closed) return false
      if (running.has(name)) asked.add(name)
      else running.set(name, run(name, work))
      return true
    },
    async close() {
      closed = true
      await Promise.all(running.values())
    },
  }
}
