// A workflow document as text, in three languages, and back: nothing is run to read it.
import { parseDocument, stringify, type Pair, type ParsedNode } from 'yaml'
import { workflowCode } from './code.ts'
import type { WorkflowDocument } from './document.ts'
import { LiteralError, readLiteral, skipSpace, type Dialect, type Extent } from './read-literal.ts'

export const SOURCE_LANGUAGES = ['json', 'yaml', 'typescript'] as const
export type SourceLanguage = (typeof SOURCE_LANGUAGES)[number]

/** Where a text speaks of a node: offsets in UTF-16 units. */
export interface NodePlace extends Extent {
  readonly node: string
}

export interface SourceText {
  readonly text: string
  readonly places: readonly NodePlace[]
}

export interface SourceProblem {
  readonly message: string
  /** Offset in UTF-16 units. */
  readonly at: number
  /** Both count from 1. */
  readonly line: number
  readonly column: number
  /** The node that the place belongs to; empty where it belongs to none. */
  readonly node: string
}

export type ReadSource =
  | { readonly document: unknown; readonly places: readonly NodePlace[]; readonly problem: null }
  | { readonly document: null; readonly places: readonly []; readonly problem: SourceProblem }

/** Writes a document, faults and all, so that reading it gives the same one. */
export function printSource(document: unknown, language: SourceLanguage): SourceText {
  const text = textOf(document, language)
  return { text, places: readSource(text, language).places }
}

function textOf(document: unknown, language: SourceLanguage): string {
  switch (language) {
    case 'json':
      return `${JSON.stringify(document, null, 2)}\n`
    case 'yaml':
      return stringify(JSON.parse(JSON.stringify(document)), { lineWidth: 100 })
    case 'typescript':
      return workflowCode(document as WorkflowDocument)
  }
}

/** Reads what {@link printSource} writes, and what somebody has made of it. Whether it can run is not asked here. */
export function readSource(text: string, language: SourceLanguage): ReadSource {
  try {
    return { ...(language === 'yaml' ? readYaml(text) : readValue(text, language)), problem: null }
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error
    return { document: null, places: [], problem: problemAt(text, error) }
  }
}

type Read = { readonly document: unknown; readonly places: readonly NodePlace[] }

const OPENING = /^(?:import\s[^;\n]*?from\s*['"][^'"\n]*['"]\s*;?|export\s+default|[\w$]+(?=\s*\())/
const EDGE = ['from', 'to'] as const

function readValue(text: string, language: Dialect): Read {
  const places: NodePlace[] = []
  const onField = (path: readonly (string | number)[], extent: Extent): void => {
    if (path.length === 2 && path[0] === 'nodes') places.push({ node: String(path[1]), ...extent })
  }
  if (language === 'json') {
    const { value, end } = readLiteral(text, 0, language, onField)
    demandEnd(text, end, language)
    return { document: value, places }
  }
  const from = demandCall(text)
  const { value, end } = readLiteral(text, from, language, onField)
  demandEnd(text, closeCall(text, end), language)
  return { document: filled(value), places }
}

/** The offset behind `export default defineWorkflow(`, whatever is imported before it. */
function demandCall(text: string): number {
  let at = skipSpace(text, 0, 'typescript')
  for (let found = OPENING.exec(text.slice(at)); found; found = OPENING.exec(text.slice(at))) {
    const isCall = !/^(?:import|export)\s/.test(found[0])
    if (isCall && found[0] !== 'defineWorkflow') break
    at = skipSpace(text, at + found[0].length, 'typescript')
    if (isCall) return at + 1
  }
  throw new LiteralError('a workflow is written as export default defineWorkflow({ … })', at)
}

function closeCall(text: string, end: number): number {
  const at = skipSpace(text, end, 'typescript')
  const found = /^,?\s*\)\s*;?/.exec(text.slice(at))
  if (!found) throw new LiteralError('a ")" is missing: only values can be read here', at)
  return at + found[0].length
}

function demandEnd(text: string, end: number, language: Dialect): void {
  const at = skipSpace(text, end, language)
  if (at < text.length) throw new LiteralError('the document ends before this', at)
}

/** What `defineWorkflow` adds, and its short forms written out. */
function filled(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const given = value as Record<string, unknown>
  const { edges = [], nodes } = given
  const [first = ''] = typeof nodes === 'object' && nodes !== null ? Object.keys(nodes) : []
  return {
    format: 'orderly.workflow/1',
    ...('id' in given ? { id: given['id'] } : {}),
    version: 1,
    ...given,
    ...('start' in given ? {} : { start: first }),
    edges: Array.isArray(edges) ? edges.map(edgeOf) : edges,
  }
}

function edgeOf(edge: unknown): unknown {
  if (!Array.isArray(edge)) return edge
  const [from, to, more] = edge as unknown[]
  return {
    ...Object.fromEntries(EDGE.map((key, at) => [key, [from, to][at]])),
    ...(more as object),
  }
}

const MOST_ALIASES = 100
/** What is usual to go wrong in YAML, in our words: those of its reader speak of its grammar. */
const YAML_FAULTS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'this line is not indented as those around it',
  TAB_AS_INDENT: 'lines are indented by spaces, not by tabs',
  DUPLICATE_KEY: 'this key is there twice',
  MISSING_CHAR: 'a sign is missing here: a quote, a bracket, a comma or a ":"',
  BAD_SCALAR_START: 'a text that begins with this sign stands in quotes',
  BAD_DQ_ESCAPE: 'an escape that is none',
  BLOCK_AS_IMPLICIT_KEY: 'two keys stand on one line: put a text that holds ":" in quotes',
  MULTILINE_IMPLICIT_KEY: 'a key stands on one line, with a ":" behind it',
  MULTIPLE_DOCS: 'only one document can be read',
  BAD_ALIAS: 'this alias cannot be read',
  UNEXPECTED_TOKEN: 'this cannot stand here',
}

function readYaml(text: string): Read {
  const yaml = parseDocument(text, { prettyErrors: false })
  const nodes = yaml.get('nodes', true) as { items?: unknown } | undefined
  const items = Array.isArray(nodes?.items) ? (nodes.items as Pair<ParsedNode, ParsedNode>[]) : []
  const places = items.flatMap(({ key, value }): NodePlace[] => {
    const [from, ownEnd] = key.range
    return [{ node: String(key), from, to: value?.range?.[1] ?? ownEnd }]
  })
  const [wrong] = yaml.errors
  if (wrong) {
    const [at] = wrong.pos
    const node = places.findLast(({ from }) => from <= at)?.node
    throw new LiteralError(
      YAML_FAULTS[wrong.code] ?? wrong.message,
      at,
      node === undefined ? [] : ['nodes', node],
    )
  }
  try {
    // What JSON has no word for is none here either.
    const value = yaml.toJS({ maxAliasCount: MOST_ALIASES }) as unknown
    return { document: JSON.parse(JSON.stringify(value ?? null)) as unknown, places }
  } catch (error) {
    throw new LiteralError((error as Error).message, 0)
  }
}

function problemAt(text: string, { message, at, path }: LiteralError): SourceProblem {
  const before = text.slice(0, at)
  const [room, node = ''] = path
  return {
    message,
    at,
    line: before.split('\n').length,
    column: at - before.lastIndexOf('\n'),
    node: room === 'nodes' ? String(node) : '',
  }
}
