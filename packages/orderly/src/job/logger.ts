// The seam for logs: any logger with these four methods fits, such as pino, Winston or console.

/** Fields first, then what happened. Field values must not be PHI. */
export type Log = (fields: Record<string, unknown>, message: string) => void

export interface Logger {
  readonly debug: Log
  readonly info: Log
  readonly warn: Log
  readonly error: Log
}
