// API keys in texts that are kept or shown: found, and taken out but for what tells which key it was.

/** Whether a text holds a key somewhere, such as a URL that will end in a log. */
export function holdsApiKey(text: string): boolean {
  return /ord_[0-9A-Za-z]{8}_[0-9A-Za-z]{32}/.test(text)
}

/** A text with the secret of every key in it left out; its id stays, so that it can be revoked. */
export function withoutApiKeys(text: string): string {
  return text.replaceAll(/(ord_[0-9A-Za-z]{8}_)[0-9A-Za-z]{32}(?:_[0-9a-f]{6})?/g, '$1[secret]')
}

const DEEPEST = 6

/** The same for all texts within a value of a log line; a value without keys is handed back as it is. */
export function valueWithoutApiKeys(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return holdsApiKey(value) ? withoutApiKeys(value) : value
  if (typeof value !== 'object' || value === null || depth === DEEPEST) return value
  if (Array.isArray(value)) {
    const cleaned = value.map((one) => valueWithoutApiKeys(one, depth + 1))
    return cleaned.some((one, index) => one !== value[index]) ? cleaned : value
  }
  // What is no plain object is printed by its own rules.
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value)
  const cleaned = entries.map(([name, one]) => [name, valueWithoutApiKeys(one, depth + 1)] as const)
  return cleaned.some(([, one], index) => one !== entries[index]![1])
    ? Object.fromEntries(cleaned)
    : value
}
