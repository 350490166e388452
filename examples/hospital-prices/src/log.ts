// Log lines for a person at a terminal: warnings and errors, with their fields behind.
import type { Logger } from 'orderly'

export function consoleLogger(say: (line: string) => void): Logger {
  const line =
    (level: string) =>
    (fields: Record<string, unknown>, message: string): void =>
      say(`${level} ${message} ${JSON.stringify(fields)}`)
  const silent = (): void => {}
  return { debug: silent, info: silent, warn: line('warning:'), error: line('error:') }
}
