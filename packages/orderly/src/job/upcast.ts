// Versions of a job's input: what was enqueued by an older program is brought up to date, step by step.
import { OrderlyError } from '../primitives/errors.ts'

/** From the version that is the key to the next one. */
export type Upcasts = Readonly<Record<number, (input: any) => unknown>>

const HIGHEST_VERSION = 10_000

/**
 * Checks that every older version has its step.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID`
 */
export function checkVersions(job: string, version: number, upcasts: Upcasts): void {
  if (!Number.isInteger(version) || version < 1 || version > HIGHEST_VERSION)
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      `job "${job}": version is a whole number from 1 to ${HIGHEST_VERSION}`,
    )
  for (let from = 1; from < version; from++)
    if (typeof upcasts[from] !== 'function')
      throw new OrderlyError(
        'ORDERLY_DEFINITION_INVALID',
        `job "${job}" is at version ${version}; add upcast: { ${from}: (input) => … } for jobs that still wait in version ${from}`,
      )
}

/**
 * `input` as it would be in version `to`.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` when a step cannot make sense of it
 */
export function upcast(
  job: string,
  input: unknown,
  versions: { from: number; to: number },
  upcasts: Upcasts,
): unknown {
  let value = input
  for (let from = versions.from; from < versions.to; from++) {
    try {
      value = upcasts[from]!(value)
    } catch (cause) {
      throw new OrderlyError(
        'ORDERLY_INPUT_INVALID',
        `the input of job "${job}" could not be brought from version ${from} to ${from + 1}`,
        { cause },
      )
    }
  }
  return value
}
