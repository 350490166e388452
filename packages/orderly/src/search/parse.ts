// Reads a search as people write it. Pure; a fault is named by its place, never by what stands there.
import { OrderlyError } from '../primitives/errors.ts'
import type { Comparison, Search, SearchOrder, SearchTerm, SearchValue } from './search.ts'

const LONGEST = 4_000
const MOST_TERMS = 50
const MOST_VALUES = 200
const KEY = /^([A-Za-z][\w$-]*(?:\.[\w$-]+)*)[:=]/
const ORDER = /^(-?)([a-z]{1,20})$/

/** @throws OrderlyError `ORDERLY_INPUT_INVALID` naming the character where it cannot be read */
export function parseSearch(text: string): Search {
  if (text.length > LONGEST) throw fault(LONGEST, `a search has ${LONGEST} characters at most`)
  const reader: Reader = { text, at: 0 }
  const terms: SearchTerm[] = []
  let order: SearchOrder | undefined
  for (;;) {
    skipSpaces(reader)
    if (reader.at >= text.length) break
    const start = reader.at
    const term = readTerm(reader)
    if (term.key === 'sort') order = orderOf(term, start)
    else if (terms.push(term) > MOST_TERMS)
      throw fault(start, `a search has ${MOST_TERMS} conditions at most`)
  }
  return { terms, ...(order ? { order } : {}) }
}

interface Reader {
  readonly text: string
  at: number
}

function readTerm(reader: Reader): SearchTerm {
  const not = reader.text[reader.at] === '-'
  if (not) reader.at++
  const key = KEY.exec(reader.text.slice(reader.at, reader.at + 400))
  if (key) reader.at += key[0].length
  const values = readValues(reader)
  return { key: key?.[1] ?? '', ...(not ? { not: true } : {}), values }
}

function readValues(reader: Reader): SearchValue[] {
  const values: SearchValue[] = []
  for (;;) {
    values.push(readValue(reader))
    if (values.length > MOST_VALUES)
      throw fault(reader.at, `a condition has ${MOST_VALUES} values at most`)
    if (reader.text[reader.at] !== ',') return values
    reader.at++
  }
}

function readValue(reader: Reader): SearchValue {
  const comparison = /^(>=|<=|>|<)/.exec(reader.text.slice(reader.at, reader.at + 2))?.[0]
  if (comparison) reader.at += comparison.length
  const isQuoted = reader.text[reader.at] === '"'
  let text = isQuoted ? readQuoted(reader) : readBare(reader)
  let prefix = false
  if (isQuoted && reader.text[reader.at] === '*') {
    prefix = true
    reader.at++
  }
  if (!isQuoted && text.endsWith('*')) {
    prefix = true
    text = text.slice(0, -1)
  }
  if (!isQuoted && text === '' && !prefix) throw fault(reader.at, 'a value is missing')
  const next = reader.text[reader.at]
  if (next !== undefined && next !== ',' && !/\s/.test(next))
    throw fault(reader.at, 'a space or a comma belongs here')
  return {
    text,
    ...(comparison ? { comparison: comparison as Comparison } : {}),
    ...(prefix ? { prefix: true } : {}),
  }
}

function readQuoted(reader: Reader): string {
  const start = reader.at++
  let text = ''
  for (;;) {
    const character = reader.text[reader.at++]
    if (character === undefined) throw fault(start, 'this quote is not closed')
    if (character === '"') return text
    text += character === '\\' ? (reader.text[reader.at++] ?? '') : character
  }
}

function readBare(reader: Reader): string {
  const [text] = /^[^\s,"\\]*/.exec(reader.text.slice(reader.at))!
  reader.at += text.length
  return text
}

function skipSpaces(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? '')) reader.at++
}

function orderOf({ not, values }: SearchTerm, at: number): SearchOrder {
  const match = values.length === 1 && !not ? ORDER.exec(values[0]!.text) : null
  if (!match || values[0]!.comparison || values[0]!.prefix)
    throw fault(at, 'an order is written sort:created, sort:-created, sort:duration or so')
  return { by: match[2]!, descending: match[1] === '-' }
}

function fault(at: number, rule: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_INPUT_INVALID',
    `the search cannot be read at character ${at + 1}: ${rule}`,
  )
}
