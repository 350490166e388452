// Expressions of workflows: the Common Expression Language, which has no loops, no side effects and no way out.
import { Environment, type ASTNode } from '@marcbachmann/cel-js'

/** What an expression may ask for. */
export type Root = 'input' | 'steps' | 'run' | 'params' | 'item' | 'index' | 'event'

/** Where a value comes from: `['steps', 'scan', 'output', 'files', 0]`; null stands for a place that is worked out. */
export type Path = readonly [Root, ...(string | number | null)[]]

/** That a place holds what another expression yields, which does not look at that root itself. */
export interface Equality {
  readonly path: Path
  readonly other: string
}

export interface Expression {
  /** The steps it looks at: `scan` in `steps.scan.output.files`. */
  readonly steps: readonly string[]
  /** Every place that it looks at, each as deep as it says. */
  readonly paths: readonly Path[]
  /** What must be equal for it to hold: `event.order == input.order`, alone or joined to more by `&&`. */
  readonly equalities: readonly Equality[]
  /** Set where it is nothing but a place. */
  readonly path: Path | undefined
  /** Set where it is nothing but a value written out. */
  readonly literal: { readonly value: unknown } | undefined
  /** What it yields, as far as that is known before it runs: CEL's name of a type, `dyn` where it is not. */
  readonly type: string
  /** @throws what CEL throws for values that do not fit */
  evaluate(known: Readonly<Partial<Record<Root, unknown>>>): unknown
}

const LIMITS = {
  maxAstNodes: 1_000,
  maxDepth: 50,
  maxListElements: 200,
  maxMapEntries: 200,
  maxCallArguments: 16,
}

/** CEL does not mix whole numbers with others; but numbers of JSON are all one kind, and 10 is written without a point. */
const MIXED: readonly (readonly [string, (a: number, b: number) => number])[] = [
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
  ['%', (a, b) => a % b],
]

/** A sentence that says what is wrong with an expression. */
export class ExpressionError extends Error {}

const environments = new Map<string, Environment>()
const expressions = new Map<string, Expression>()
/** Documents of the largest size twice over; then all are read anew. */
const MOST_REMEMBERED = 20_000

/**
 * Reads an expression over `roots`. Those that were read before are remembered.
 *
 * @throws ExpressionError
 */
export function readExpression(text: string, roots: readonly Root[]): Expression {
  const key = `${roots.join()} ${text}`
  const known = expressions.get(key)
  if (known) return known
  const read = parse(text, roots)
  if (expressions.size >= MOST_REMEMBERED) expressions.clear()
  expressions.set(key, read)
  return read
}

function environmentFor(roots: readonly Root[]): Environment {
  const key = roots.join()
  const known = environments.get(key)
  if (known) return known
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    limits: LIMITS,
  })
  for (const [operator, apply] of MIXED)
    for (const operands of [`double ${operator} int`, `int ${operator} double`])
      environment.registerOperator(operands, (a: unknown, b: unknown) =>
        apply(Number(a), Number(b)),
      )
  for (const root of roots) environment.registerVariable(root, root === 'index' ? 'int' : 'dyn')
  environments.set(key, environment)
  return environment
}

function parse(text: string, roots: readonly Root[]): Expression {
  let parsed: ReturnType<Environment['parse']>
  try {
    parsed = environmentFor(roots).parse(text)
  } catch (error) {
    throw new ExpressionError(summaryOf(error))
  }
  const checked = parsed.check()
  if (!checked.valid) throw new ExpressionError(summaryOf(checked.error))
  const paths: Path[] = []
  collect(parsed.ast, new Set(roots), paths)
  const steps = new Set<string>()
  for (const [root, name] of paths) {
    if (root !== 'steps') continue
    if (typeof name !== 'string')
      throw new ExpressionError('a step is named: write steps.name.output')
    steps.add(name)
  }
  const { ast } = parsed
  return {
    steps: [...steps],
    paths,
    equalities: equalitiesOf(ast, text, new Set(roots)),
    path: pathOf(ast, new Set(roots)),
    literal: ast.op === 'value' ? { value: plain(ast.args) } : undefined,
    type: checked.type ?? 'dyn',
    evaluate: (known) => plain(parsed({ ...known })),
  }
}

/** The place that a chain of names looks at; undefined for anything else. */
function pathOf(node: ASTNode, roots: ReadonlySet<string>): Path | undefined {
  if (node.op === 'id') return roots.has(node.args) ? [node.args as Root] : undefined
  if (node.op !== '.' && node.op !== '[]') return undefined
  const [object, key] = node.args as [ASTNode, ASTNode | string]
  const before = pathOf(object, roots)
  if (!before) return undefined
  if (typeof key === 'string') return [...before, key]
  const value = key.op === 'value' ? plain(key.args) : null
  return [...before, typeof value === 'string' || typeof value === 'number' ? value : null]
}

function equalitiesOf(node: ASTNode, text: string, roots: ReadonlySet<string>): Equality[] {
  if (node.op !== '&&' && node.op !== '==') return []
  const [left, right] = node.args
  if (node.op === '&&') return [left, right].flatMap((part) => equalitiesOf(part, text, roots))
  return [[left, right] as const, [right, left] as const].flatMap(([side, other]) => {
    const path = pathOf(side, roots)
    const looked: Path[] = []
    collect(other, roots, looked)
    if (!path || looked.some(([root]) => root === path[0])) return []
    return [{ path, other: text.slice(other.start, other.end) }]
  })
}

/** Gathers the places that are looked at: of a chain the whole, and what its brackets look at. */
function collect(node: unknown, roots: ReadonlySet<string>, found: Path[]): void {
  if (Array.isArray(node)) {
    for (const inner of node) collect(inner, roots, found)
    return
  }
  if (typeof node !== 'object' || node === null || !('op' in node)) return
  const { args } = node as ASTNode
  const path = pathOf(node as ASTNode, roots)
  if (!path) return collect(args, roots, found)
  found.push(path)
  for (let at = node as ASTNode; at.op === '.' || at.op === '[]';) {
    const [object, key] = at.args as [ASTNode, ASTNode | string]
    if (at.op === '[]') collect(key, roots, found)
    at = object
  }
}

function summaryOf(error: unknown): string {
  const { summary, message } = error as { summary?: string; message?: string }
  return (summary ?? message ?? 'it cannot be read').split('\n')[0]!
}

/** CEL counts in 64 bits; JSON does not. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, inner]) => [String(key), plain(inner)]))
  if (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype
  )
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  return value
}
