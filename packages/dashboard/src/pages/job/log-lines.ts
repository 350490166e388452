// The lines of a log as they are told, each at its place: what is told again stands once.

export interface LogLine {
  readonly level: string
  readonly message: string
}

/** @param from the place of the first of `lines`; a gap before it means that lines were missed, and nothing is added */
export function addLines(
  all: readonly LogLine[],
  from: number,
  lines: readonly LogLine[],
): readonly LogLine[] {
  if (from > all.length || lines.length === 0) return all
  return [...all.slice(0, from), ...lines, ...all.slice(from + lines.length)]
}

/** Lines as text; what are no lines are none. */
export function logText(lines: unknown): string {
  return Array.isArray(lines)
    ? lines.map(({ level, message }: LogLine) => `${level} ${message}`).join('\n')
    : ''
}
