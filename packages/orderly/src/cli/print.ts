// The only place that writes to the terminal: results to stdout, everything said beside them to stderr.
import { once } from 'node:events'

/** Writes a result, and waits while its reader is slower. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/**
 * Ends the program in peace when whoever reads its output has enough, as `head` does after ten lines.
 *
 * @param stream what results are written to
 * @param exit ends the program
 */
export function endWithReader(stream: NodeJS.WritableStream, exit: () => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    exit()
  })
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Says how far something is, over and over in one line, where somebody is looking. */
export function sayProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`)
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
}

/** A result as one line of JSON for programs, or as people read it. */
export async function printResult(
  result: unknown,
  json: boolean,
  text: () => string,
): Promise<void> {
  await print(json ? `${JSON.stringify(result)}\n` : `${text()}\n`)
}

/** Rows in columns, or a sentence where there are none. */
export function tableOr(
  none: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return rows.length === 0 ? none : table(columns, rows)
}

/** Rows in columns, as wide as they need to be. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]!.length)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index]!))
      .join('  ')
      .trimEnd()
  return [line(columns), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join(
    '\n',
  )
}
