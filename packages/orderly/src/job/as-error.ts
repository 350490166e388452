// Whatever a handler throws, as an Error.

/** Says only of which type it is when it is none: what was thrown may be content. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new Error(`the handler threw something that is no Error (${typeof thrown})`)
}
