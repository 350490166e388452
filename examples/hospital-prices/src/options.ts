// Reads the command line.
import { parseArgs } from 'node:util'

export interface Options {
  /** Ends when every file is final, instead of serving and watching. */
  readonly once: boolean
  /** One JSON object on stdout instead of a table. */
  readonly json: boolean
  /** The folder to take files from; the bundled ones when undefined. */
  readonly input: string | undefined
  /** Where queue and database live. */
  readonly data: string | undefined
  readonly port: number
}

export const USAGE = `Loads hospital price files into one database and shows what became of each.

  npm start                      load the bundled files, then serve http://127.0.0.1:4400 and watch the inbox
  npm start -- --once            load, print a table, end (exit code 1 if a file did not reach a final state; to be
                                 quarantined is one: "orderly prices load" ends with 3 for it)

  --json         with --once: print one JSON object on stdout; everything else goes to stderr
  --input DIR    take every file below DIR instead of the bundled ones
  --data DIR     keep queue and database in DIR (default: ORDERLY_HOME, or .orderly)
  --help         show this

  PORT           the port to serve on (default 4400)
`

/** A mistake on the command line; the message says what to write instead. */
export class UsageError extends Error {}

const DEFAULT_PORT = 4400

/** @returns undefined when help was asked for */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options | undefined {
  const values = parse(args)
  if (values.help) return undefined
  const port = Number(environment['PORT'] ?? DEFAULT_PORT)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError('PORT is a number from 0 to 65535.')
  }
  if (values.json && !values.once) throw new UsageError('--json goes with --once.')
  return { once: values.once, json: values.json, input: values.input, data: values.data, port }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        input: { type: 'string' },
        data: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
