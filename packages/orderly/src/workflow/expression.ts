// Expressions of workflows: the Common Expression Language, which has no loops, no side effects and no way out.
import { Environment, type ASTNode } from '@marcbachmann/cel-js'

/** What an expression may ask for. */
export type Root = 'input' | 'steps' | 'run' | 'item' | 'index'

export interface Expression {
  /** The steps it looks at: `scan` in `steps.scan.output.files`. */
  readonly steps: readonly string[]
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

/**
 * Reads an expression over `roots`.
 *
 * @throws ExpressionError
 */
export function readExpression(text: string, roots: readonly Root[]): Expression {
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
  let parsed: ReturnType<Environment['parse']>
  try {
    parsed = environment.parse(text)
  } catch (error) {
    throw new ExpressionError(summaryOf(error))
  }
  const checked = parsed.check()
  if (!checked.valid) throw new ExpressionError(summaryOf(checked.error))
  const steps = new Set<string>()
  collectSteps(parsed.ast, steps)
  return {
    steps: [...steps],
    type: checked.type ?? 'dyn',
    evaluate: (known) => plain(parsed({ ...known })),
  }
}

function summaryOf(error: unknown): string {
  const { summary, message } = error as { summary?: string; message?: string }
  return (summary ?? message ?? 'it cannot be read').split('\n')[0]!
}

/** Finds `steps.<name>` and `steps["<name>"]`; `steps` in any other way is refused: nobody could say what it needs. */
function collectSteps(node: unknown, found: Set<string>): void {
  if (Array.isArray(node)) {
    for (const inner of node) collectSteps(inner, found)
    return
  }
  if (typeof node !== 'object' || node === null || !('op' in node)) return
  const { op, args } = node as ASTNode
  if (op === '.' || op === '[]') {
    const [object, key] = args as [ASTNode, ASTNode | string]
    if (object.op === 'id' && object.args === 'steps') {
      if (typeof key === 'string') found.add(key)
      else if (key.op === 'value' && typeof key.args === 'string') found.add(key.args)
      else throw new ExpressionError('a step is named: write steps.name, not steps[…]')
      return
    }
  }
  if (op === 'id' && args === 'steps')
    throw new ExpressionError('a step is named: write steps.name.output')
  collectSteps(args, found)
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
