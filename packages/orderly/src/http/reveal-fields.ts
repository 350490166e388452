// What is asked of whoever wants to see PHI, wherever it is asked.
import { z } from 'zod'
import { PURPOSES, SHORTEST_TEXT, type Purpose } from '../access/reveal-policy.ts'

export const purpose: z.ZodEnum<Record<Purpose, Purpose>> = z
  .enum(
    Object.fromEntries(Object.keys(PURPOSES).map((name) => [name, name])) as Record<
      Purpose,
      Purpose
    >,
  )
  .describe(
    Object.entries(PURPOSES)
      .map(([name, meaning]) => `${name}: ${meaning}`)
      .join('; '),
  )

export const part: z.ZodEnum<{ input: 'input'; output: 'output'; error: 'error'; log: 'log' }> = z
  .enum(['input', 'output', 'error', 'log'])
  .describe('What the job carries, what an attempt threw, or the lines it wrote to its log.')

export const attempt: z.ZodOptional<z.ZodNumber> = z
  .number()
  .int()
  .min(1)
  .optional()
  .describe('Which attempt, for the part `error`; the last one that threw unless told.')

export const text: z.ZodString = z
  .string()
  .min(SHORTEST_TEXT)
  .max(500)
  .describe('Why, in words. It is kept under seal in the audit log.')

export const pointers: z.ZodArray<z.ZodString> = z
  .array(z.string().max(500))
  .min(1)
  .max(50)
  .describe('JSON pointers (RFC 6901); an empty text is the whole.')

export const ticket: z.ZodOptional<z.ZodString> = z.string().max(60).optional()
