// A command a pack adds to `orderly`: `orderly medication due` is the command `due` of the pack `medication`.

/** What a command is given: its arguments and options as text, and where its output goes. */
export interface PackCommandContext {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, string | boolean>>
  /** The installation's folder (`--home`, ORDERLY_HOME); undefined for the default. */
  readonly home: string | undefined
  /** Writes one line to stdout. */
  readonly print: (line: string) => void
  /** Writes one line to stderr, for people. */
  readonly say: (line: string) => void
}

/** A command. `run` resolves with the exit code: 0 done, 1 it could not be done, 2 not understood, 3 something was found. */
export interface PackCommand {
  readonly name: string
  readonly description: string
  /** In commander's words: `<file>`, `[id]`. */
  readonly args?: readonly string[]
  /** In commander's words: `--bundle <file>`, `--json`; with what each is for. */
  readonly options?: Readonly<Record<string, string>>
  readonly run: (context: PackCommandContext) => Promise<number>
}
