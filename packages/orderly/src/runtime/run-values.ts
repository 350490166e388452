// The values of a workflow run: sealed where they are kept, opened for the expressions that ask for them.
import { queueIdOf } from '../job/record-id.ts'
import type { RunNodeRow, RunRow } from '../state/run-tables.ts'
import { findOutputs, type EndedJob } from '../state/runs.ts'
import { runPlace } from '../state/sealed-values.ts'
import type { Mapping } from '../workflow/document.ts'
import { readExpression, type Root } from '../workflow/expression.ts'
import type { Rooms } from './rooms.ts'

export const NODE_ITSELF = -1

/** What expressions may ask for, `item`, `index` and `event` aside. */
export interface Known {
  readonly input: unknown
  readonly params: unknown
  readonly run: unknown
  readonly steps: Readonly<Record<string, { readonly state: string; readonly output: unknown }>>
}

export const RUN_ROOTS: readonly Root[] = ['input', 'params', 'steps', 'run']
const EACH_ROOTS: readonly Root[] = [...RUN_ROOTS, 'item', 'index']
export const EVENT_ROOTS: readonly Root[] = [...RUN_ROOTS, 'event']

export function sealValue(
  rooms: Rooms,
  runId: string,
  what: string,
  value: unknown,
): Promise<string> {
  return rooms.vault.seal(JSON.stringify(value ?? null), runPlace(runId, what), 'encrypted')
}

export async function openValue(
  rooms: Rooms,
  runId: string,
  what: string,
  sealed: string | null,
): Promise<unknown> {
  return sealed === null ? null : JSON.parse(await rooms.vault.open(sealed, runPlace(runId, what)))
}

/** The name under which the output of a node, or of one of its items, is sealed. */
export function outputName(node: string, item: number): string {
  return item === NODE_ITSELF ? `node/${node}` : `node/${node}/${item}`
}

/** Opens what the expressions of a run look at, each value once and only if some expression does. */
export class RunValues {
  readonly #rooms: Rooms
  readonly #run: RunRow
  readonly #params: unknown
  readonly #rows: ReadonlyMap<string, RunNodeRow>
  readonly #opened = new Map<string, unknown>()
  #input: { readonly value: unknown } | undefined

  constructor(
    rooms: Rooms,
    run: RunRow,
    rows: ReadonlyMap<string, RunNodeRow>,
    params: unknown = {},
  ) {
    this.#rooms = rooms
    this.#run = run
    this.#rows = rows
    this.#params = params
  }

  /** Notes what a node has just returned. */
  put(node: string, output: unknown): void {
    this.#opened.set(node, output)
  }

  /** @throws what reading an expression throws */
  async evaluate(text: string): Promise<unknown> {
    const expression = readExpression(text, RUN_ROOTS)
    return expression.evaluate({ ...(await this.#know([expression])) })
  }

  /** Whether a condition over an event that has come holds. */
  async holds(text: string, event: unknown): Promise<boolean> {
    const expression = readExpression(text, EVENT_ROOTS)
    return expression.evaluate({ ...(await this.#know([expression])), event }) === true
  }

  /** The input that a mapping makes; an empty object where there is none. */
  async map(mapping: Mapping | undefined): Promise<unknown> {
    if (mapping === undefined) return {}
    const [make] = await this.#maker(mapping, RUN_ROOTS)
    return make({})
  }

  /** Makes the input for one item after the other. */
  async mapEach(mapping: Mapping | undefined): Promise<(item: unknown, index: number) => unknown> {
    if (mapping === undefined) return (item) => item
    const [make] = await this.#maker(mapping, EACH_ROOTS)
    return (item, index) => make({ item, index: BigInt(index) })
  }

  async #maker(
    mapping: Mapping,
    roots: readonly Root[],
  ): Promise<[(more: Readonly<Record<string, unknown>>) => unknown]> {
    if (typeof mapping === 'string') {
      const expression = readExpression(mapping, roots)
      const known = await this.#know([expression])
      return [(more) => expression.evaluate({ ...known, ...more })]
    }
    const fields = Object.entries(mapping).map(
      ([field, text]) => [field, readExpression(text, roots)] as const,
    )
    const known = await this.#know(fields.map(([, expression]) => expression))
    return [
      (more) =>
        Object.fromEntries(
          fields.map(([field, expression]) => [field, expression.evaluate({ ...known, ...more })]),
        ),
    ]
  }

  async #know(expressions: readonly ReturnType<typeof readExpression>[]): Promise<Known> {
    const names = [...new Set(expressions.flatMap(({ steps }) => steps))].filter((name) => {
      const row = this.#rows.get(name)
      return row !== undefined && row.ended_at !== null
    })
    const missing = names.filter((name) => !this.#opened.has(name))
    const { id } = this.#run
    for (const [name, sealed] of await findOutputs(this.#rooms.state, id, missing))
      this.#opened.set(
        name,
        await openValue(this.#rooms, id, outputName(name, NODE_ITSELF), sealed),
      )
    const asksInput = expressions.some(({ paths }) => paths.some(([root]) => root === 'input'))
    if (asksInput)
      this.#input ??= { value: await openValue(this.#rooms, id, 'input', this.#run.input) }
    return {
      input: this.#input?.value ?? null,
      params: this.#params,
      run: {
        id,
        workflow: this.#run.workflow,
        version: this.#run.version,
        started: new Date(this.#run.created_at).toISOString(),
      },
      steps: Object.fromEntries(
        names.map((name) => [
          name,
          { state: this.#rows.get(name)!.state, output: this.#opened.get(name) ?? null },
        ]),
      ),
    }
  }
}

/** What a job that completed returned, by the record. */
export async function outputOfJob(rooms: Rooms, job: EndedJob): Promise<unknown> {
  if (job.output === null) return null
  const anchor = queueIdOf(job.queue, job.job_id)
  const place = { queue: job.queue, slot: 'output', anchor, seq: 0 } as const
  return JSON.parse(await rooms.vault.open(job.output, place)) as unknown
}
