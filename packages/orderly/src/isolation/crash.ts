// The end of a thread or process that took a job's handler with it.

export class HandlerCrash extends Error {
  override readonly name = 'HandlerCrash'
  /** How it ended, such as `exit code 1` or `signal SIGKILL`. It holds nothing of a payload. */
  readonly how: string

  constructor(how: string) {
    super(`what ran the handler ended with it: ${how}`)
    this.how = how
  }
}
