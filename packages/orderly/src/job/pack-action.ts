// Something people do by hand in a pack: from its pages, over HTTP, or by a command of the pack.
import type { Parsed, Schema } from './schema.ts'

/** Ids by the kind of record. */
export type Records = Readonly<Record<string, string>>

/** An action. The dashboard makes a form of `input`, which should be an object; the server checks it before `run`. */
export interface PackAction {
  /** Its name in paths and cells: `acknowledge`. */
  readonly id: string
  /** What the button says. */
  readonly title: string
  readonly input: Schema
  /**
   * What an input does it to, for the audit log: ids by the kind of record, such as `{ patient, order }`. The first is the
   * one that the entry is found by. Ids are there as they are, so they are pseudonyms, never what a patient is known by.
   */
  readonly about: (input: any) => Records | Promise<Records>
  /**
   * Does it. `by` is who asks, as the audit log has them.
   *
   * @returns whether there was anything to do it to
   */
  readonly run: (input: any, by: string) => Promise<boolean>
}

/** Declares an action; `run` is given what its schema makes of the input. */
export function definePackAction<Input extends Schema>(
  action: Omit<PackAction, 'input' | 'about' | 'run'> & {
    readonly input: Input
    readonly about: (input: Parsed<Input>) => Records | Promise<Records>
    readonly run: (input: Parsed<Input>, by: string) => Promise<boolean>
  },
): PackAction {
  return Object.freeze({ ...action })
}
