// Checks for mistakes of ours, not of callers: they crash where they are found.

/** Tells the compiler, and the reader of a crash, that a case was forgotten. */
export function assertNever(value: never): never {
  throw new TypeError(`unhandled case of type ${typeof value}`)
}
