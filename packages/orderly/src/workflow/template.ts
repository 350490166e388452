// Templates: workflow documents with parameters, versioned, that a workflow is made from.
import { z } from 'zod'
import { OrderlyError } from '../primitives/errors.ts'
import { workflowDocument, type WorkflowDocument } from './document.ts'

/** Where a template comes from. */
export interface Provenance {
  /** The pack that ships it. */
  readonly pack?: string | undefined
  /** Whoever wrote it, and where it was imported from, in words. */
  readonly author?: string | undefined
  readonly source?: string | undefined
  /** The template it was copied from. */
  readonly forkedFrom?: { readonly id: string; readonly version: number } | undefined
}

export interface TemplateParameter {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object'
  readonly title?: string | undefined
  readonly default?: unknown
  readonly enum?: readonly unknown[] | undefined
}

/**
 * A workflow with parameters. Expressions see them as `params.<name>`; anywhere else in the document
 * `{ "$param": "<name>" }` stands for the value.
 */
export interface WorkflowTemplate {
  readonly format: 'orderly.template/1'
  readonly id: string
  readonly version: number
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly parameters: Readonly<Record<string, TemplateParameter>>
  readonly document: Readonly<Record<string, unknown>>
  readonly provenance?: Provenance | undefined
}

const MOST_PARAMETERS = 100

const schema: z.ZodType<WorkflowTemplate> = z
  .object({
    format: z.literal('orderly.template/1'),
    id: z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,99}$/),
    version: z.number().int().min(1),
    title: z.string().max(200).optional(),
    description: z.string().max(4_000).optional(),
    parameters: z
      .record(
        z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/),
        z
          .object({
            type: z.enum(['string', 'number', 'integer', 'boolean', 'array', 'object']),
            title: z.string().max(200).optional(),
            default: z.unknown().optional(),
            enum: z.array(z.unknown()).max(1_000).optional(),
          })
          .strict(),
      )
      .refine((all) => Object.keys(all).length <= MOST_PARAMETERS, `${MOST_PARAMETERS} at most`),
    document: z.record(z.string(), z.unknown()),
    provenance: z
      .object({
        pack: z.string().max(100).optional(),
        author: z.string().max(200).optional(),
        source: z.string().max(500).optional(),
        forkedFrom: z
          .object({ id: z.string().max(100), version: z.number().int().min(1) })
          .strict()
          .optional(),
      })
      .strict()
      .optional(),
  })
  .strict()

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` naming what is wrong */
export function readTemplate(value: unknown): WorkflowTemplate {
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const [first] = parsed.error.issues
    throw invalid(`the template: ${first!.path.map(String).join('.') || 'it'}: ${first!.message}`)
  }
  for (const name of placeholders(parsed.data.document))
    if (!Object.hasOwn(parsed.data.parameters, name))
      throw invalid(`the template's document asks for "${name}", which is none of its parameters`)
  return parsed.data
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_DEFINITION_INVALID', message)
}

function placeholders(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(placeholders)
  if (typeof value !== 'object' || value === null) return []
  const name = placeholder(value)
  return name === undefined ? Object.values(value).flatMap(placeholders) : [name]
}

function placeholder(value: object): string | undefined {
  const { $param } = value as { $param?: unknown }
  return typeof $param === 'string' && Object.keys(value).length === 1 ? $param : undefined
}

/**
 * The document that a template makes with these values.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` naming the parameter that does not fit, `ORDERLY_DEFINITION_INVALID` when
 *   what comes of it is no workflow document
 */
export function instantiate(
  template: WorkflowTemplate,
  as: string,
  given: Readonly<Record<string, unknown>> = {},
): WorkflowDocument {
  const params: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(template.parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : parameter.default
    if (value === undefined)
      throw new OrderlyError(
        'ORDERLY_INPUT_INVALID',
        `parameter "${name}" has no value; give it one`,
      )
    if (!isOfType(value, parameter.type))
      throw new OrderlyError('ORDERLY_INPUT_INVALID', `parameter "${name}" is no ${parameter.type}`)
    const isListed = parameter.enum?.some((one) => JSON.stringify(one) === JSON.stringify(value))
    if (isListed === false)
      throw new OrderlyError('ORDERLY_INPUT_INVALID', `parameter "${name}" is none of its choices`)
    params[name] = value
  }
  for (const name of Object.keys(given))
    if (!Object.hasOwn(template.parameters, name))
      throw new OrderlyError('ORDERLY_INPUT_INVALID', `the template has no parameter "${name}"`)
  const filled = fill(template.document, params) as Record<string, unknown>
  const parsed = workflowDocument.safeParse({
    ...filled,
    format: 'orderly.workflow/1',
    id: as,
    version: 1,
    params,
    from: { template: template.id, version: template.version },
  })
  if (parsed.success) return parsed.data
  const [first] = parsed.error.issues
  throw invalid(
    `the template makes no workflow: ${first!.path.map(String).join('.')}: ${first!.message}`,
  )
}

function fill(value: unknown, params: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map((inner) => fill(inner, params))
  if (typeof value !== 'object' || value === null) return value
  const name = placeholder(value)
  if (name !== undefined) return params[name]
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, params)]))
}

function isOfType(value: unknown, type: TemplateParameter['type']): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'string':
    case 'boolean':
      return typeof value === type
  }
}
