// What a job is: its name, its queue, the shape of its input and output, and how it may be tried.
import { OrderlyError } from '../primitives/errors.ts'
import { checkNames } from './option-checks.ts'
import { resolveOptions, type JobOptions, type ResolvedOptions } from './options.ts'
import type { Parsed, Schema } from './schema.ts'
import { checkVersions, type Upcasts } from './upcast.ts'

/** The contract of a kind of job. It holds no handler code, so a web process may import it freely. */
export interface JobDefinition<
  Input extends Schema = Schema,
  Output extends Schema = Schema,
  Name extends string = string,
> {
  readonly name: Name
  /** The kind of job as reports and configurations name it, such as `medication_reminder`. */
  readonly type: string
  readonly queue: string
  /** Counts the shapes its input has had. */
  readonly version: number
  readonly upcast: Upcasts
  readonly input: Input
  readonly output: Output | undefined
  readonly progress: Schema | undefined
  /** The paths of the input by which its jobs can be found. */
  readonly searchable: readonly string[]
  /** Whether it was declared to hold PHI, beside what its schemas say. */
  readonly declaredPhi: boolean
  readonly options: ResolvedOptions
}

export interface JobSpec<
  Input extends Schema,
  Output extends Schema,
  Name extends string,
> extends JobOptions<Parsed<Input>> {
  /** Letters, digits, dots and dashes; unique in an application, such as `medication.refill-check`. */
  readonly name: Name
  /** The queue it waits in; its own name unless told. */
  readonly queue?: string
  /** Its kind in reports and configurations; its name with underscores unless told. */
  readonly type?: string
  /** 1 unless told; one more each time the shape of the input changes so that older jobs would not fit. */
  readonly version?: number
  /** How an input of an older version becomes one of the next: `{ 1: (old) => … }`. */
  readonly upcast?: Upcasts
  readonly input: Input
  /** What the handler returns. Left out, the handler returns nothing that is kept. */
  readonly output?: Output
  /** What the handler may say of its progress beside the share done. */
  readonly progress?: Schema
  /**
   * Paths of the input by which its jobs can be found, such as `['orderId', 'patient.mrn']`. What is PHI is found by
   * its exact value only, through a blind index.
   */
  readonly searchable?: readonly string[]
  /**
   * That input or output hold PHI although no schema of theirs says so. Schemas with `phi.*` need it not; a schema that
   * is not Zod's cannot be looked into and does.
   */
  readonly phi?: true
}

const TYPE = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/

function invalidType(job: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `job "${job}": type begins with a letter, then letters, digits, "_", "." and "-", 100 at most`,
  )
}

const IN_DEFINITION: Record<keyof JobSpec<Schema, Schema, string>, true> = {
  name: true,
  queue: true,
  type: true,
  version: true,
  upcast: true,
  input: true,
  output: true,
  progress: true,
  searchable: true,
  phi: true,
  retry: true,
  timeout: true,
  deadline: true,
  ttl: true,
  heartbeat: true,
  priority: true,
  retention: true,
  cost: true,
  evidence: true,
  critical: true,
  monitoring: true,
  isolation: true,
  crashes: true,
  schedule: true,
  unique: true,
  concurrency: true,
  rateLimit: true,
}
const OPTIONS = Object.keys(IN_DEFINITION)

const NAME = /^[A-Za-z][A-Za-z0-9.-]{0,99}$/

/**
 * Declares a kind of job.
 *
 * @throws OrderlyError `ORDERLY_DEFINITION_INVALID` when a name or an option cannot be used
 */
export function defineJob<
  const Name extends string,
  Input extends Schema,
  Output extends Schema = Schema<void>,
>(spec: JobSpec<Input, Output, Name>): JobDefinition<Input, Output, Name> {
  const queue = spec.queue ?? spec.name
  for (const name of [spec.name, queue]) checkName(name)
  checkNames(`job "${spec.name}"`, spec, OPTIONS)
  for (const what of ['input', 'output', 'progress'] as const) checkSchema(spec, what)
  const version = spec.version ?? 1
  checkVersions(spec.name, version, spec.upcast ?? {})
  const type = spec.type ?? spec.name.replaceAll(/[.-]/g, '_')
  if (!TYPE.test(type)) throw invalidType(spec.name)
  for (const path of spec.searchable ?? []) checkPath(spec.name, path)
  return Object.freeze({
    name: spec.name,
    type,
    queue,
    version,
    upcast: Object.freeze({ ...spec.upcast }),
    input: spec.input,
    output: spec.output,
    progress: spec.progress,
    searchable: Object.freeze([...(spec.searchable ?? [])]),
    declaredPhi: spec.phi ?? false,
    options: resolveOptions(spec.name, spec),
  })
}

function checkSchema(
  spec: { name: string; input?: unknown; output?: unknown; progress?: unknown },
  what: 'input' | 'output' | 'progress',
): void {
  const schema = spec[what]
  if (what !== 'input' && schema === undefined) return
  if (typeof schema === 'object' && schema !== null && '~standard' in schema) return
  if (typeof schema === 'function' && '~standard' in schema) return
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `job "${spec.name}": ${what} must be a schema that follows Standard Schema, such as z.object({ … })`,
  )
}

const PATH = /^[A-Za-z_$][\w$]{0,63}(\.[A-Za-z_$][\w$]{0,63}){0,7}$/

function checkPath(job: string, path: string): void {
  if (PATH.test(path)) return
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `job "${job}": a searchable path is written as names with dots between them, such as patient.mrn`,
  )
}

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` */
export function checkName(name: string): void {
  if (NAME.test(name)) return
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `"${name}" cannot name a job or a queue: begin with a letter, then letters, digits, "." and "-", 100 at most`,
  )
}
