// What was thrown, as people read it: message and frames, what the error carried besides, and what caused it.

interface Thrown {
  readonly name?: unknown
  readonly message?: unknown
  readonly stack?: unknown
  readonly value?: unknown
  readonly own?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
}

export function errorText(thrown: unknown): string {
  const { name, message, stack, value, own, cause, errors } = (thrown ?? {}) as Thrown
  if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value)
  const head = [name, message].filter((text) => text !== undefined && text !== '').join(': ')
  const traced = typeof stack === 'string' ? stack : ''
  // A stack begins with the message as it was when the error was made, which may have been changed since.
  const lines = [traced.includes(String(message)) ? traced : `${head}\n${traced}`.trim()]
  for (const [key, text] of Object.entries(own ?? {})) lines.push(`${key}: ${String(text)}`)
  if (Array.isArray(errors)) lines.push(...errors.map((each) => `• ${errorText(each)}`))
  if (cause !== undefined) lines.push(`Caused by: ${errorText(cause)}`)
  return lines.join('\n')
}
