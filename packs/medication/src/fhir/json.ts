// Looking into JSON of which nothing is known.

export type Json = Readonly<Record<string, unknown>>

export function objectAt(value: unknown, name?: string): Json | undefined {
  const found = name === undefined ? value : objectAt(value)?.[name]
  return typeof found === 'object' && found !== null && !Array.isArray(found)
    ? (found as Json)
    : undefined
}

export function listAt(value: unknown, name: string): readonly unknown[] {
  const found = objectAt(value)?.[name]
  return Array.isArray(found) ? (found as unknown[]) : []
}

/** Whether it carries an extension that changes its meaning (R4, 2.4.0.2), or rules for reading it that are not ours. */
export function isModified(value: unknown): boolean {
  const { modifierExtension: changed, implicitRules: rules } = objectAt(value) ?? {}
  return (changed !== undefined && !isEmptyList(changed)) || rules !== undefined
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

const LONGEST_TEXT = 4_000

export function textAt(value: unknown, name: string): string | undefined {
  const found = objectAt(value)?.[name]
  return typeof found === 'string' && found.trim() !== '' && found.length <= LONGEST_TEXT
    ? found.trim()
    : undefined
}

export function numberAt(value: unknown, name: string): number | undefined {
  const found = objectAt(value)?.[name]
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}
