// The seam for logs: four methods that take fields and a message. pino fits as it is; others need a line or two.

/** Fields first, then what happened. Field values must not be PHI. */
export type Log = (fields: Record<string, unknown>, message: string) => void

export interface Logger {
  readonly debug: Log
  readonly info: Log
  readonly warn: Log
  readonly error: Log
}
