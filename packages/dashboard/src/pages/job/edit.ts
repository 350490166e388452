// Editing the input of a job: what one may begin with, and what differs in the end.
import type { PhiField } from 'orderly/api'

/** The input without what is masked in it: a mask is no value and must not be sent as one. */
export function withoutMasked(input: unknown, fields: readonly PhiField[]): unknown {
  const clear = new Set(fields.filter(({ kind }) => kind === 'clear').map(({ path }) => path))
  return strip(input, '', (path) => clear.has(path))
}

function strip(value: unknown, path: string, isClear: (path: string) => boolean): unknown {
  if (isClear(path)) return value
  if (Array.isArray(value)) {
    const kept = value.map((item) => strip(item, `${path}[]`, isClear))
    return kept.every((item) => item === undefined) ? undefined : kept
  }
  if (typeof value !== 'object' || value === null) return undefined
  const kept = Object.entries(value).flatMap(([key, inner]) => {
    const left = strip(inner, path === '' ? key : `${path}.${key}`, isClear)
    return left === undefined ? [] : [[key, left]]
  })
  return kept.length === 0 && path !== '' ? undefined : Object.fromEntries(kept)
}

export interface Change {
  readonly path: string
  readonly from: string
  readonly to: string
}

/** Where two values differ, leaf by leaf. */
export function changesOf(before: unknown, after: unknown, path = ''): Change[] {
  if (isBranch(before) && isBranch(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    return [...keys].flatMap((key) =>
      changesOf(
        Reflect.get(before, key) as unknown,
        Reflect.get(after, key) as unknown,
        path === '' ? key : `${path}.${key}`,
      ),
    )
  }
  const [from, to] = [written(before), written(after)]
  return from === to ? [] : [{ path: path || '·', from, to }]
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function written(value: unknown): string {
  return value === undefined ? '–' : JSON.stringify(value)
}
