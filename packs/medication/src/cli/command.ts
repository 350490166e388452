// What all commands of the pack have in common: `--json`, and a reason where they fail.
import type { PackCommand, PackCommandContext } from 'orderly'

const JSON_OPTION = { '--json': 'print one JSON object' } as const

/** Prints for people, or one object for programs. */
export function show(
  { options, print }: PackCommandContext,
  value: unknown,
  lines: readonly string[],
): void {
  if (options['json'] === true) print(JSON.stringify(value))
  else for (const line of lines) print(line)
}

/** Rows in columns under their names, or a sentence where there are none. */
export function rows(
  none: string,
  columns: readonly string[],
  all: readonly (readonly string[])[],
): string[] {
  if (all.length === 0) return [none]
  const widths = columns.map((name, at) =>
    Math.max(name.length, ...all.map((row) => row[at]!.length)),
  )
  return [columns, ...all].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  )
}

/** Runs what may fail: says why, in a sentence, and yields the exit code. */
export function command(
  name: string,
  description: string,
  shape: Pick<PackCommand, 'args' | 'options'>,
  run: (context: PackCommandContext) => Promise<number>,
): PackCommand {
  return {
    name,
    description,
    ...shape,
    options: { ...shape.options, ...JSON_OPTION },
    async run(context) {
      try {
        return await run(context)
      } catch (error) {
        const code = error instanceof Error ? (error as { code?: unknown }).code : undefined
        context.say(error instanceof Error ? error.message : 'it could not be done')
        return code === 'FILE_NOT_READ' ? 2 : 1
      }
    },
  }
}
