// Writes a workflow document as TypeScript that makes the same document.
import type { WorkflowDocument } from './document.ts'

/** The text of a module whose default export is the document. */
export function workflowCode(document: WorkflowDocument): string {
  const { format, ...spec } = document
  const written: object = format === 'orderly.workflow/1' ? spec : document
  return `import { defineWorkflow } from 'orderly'\n\nexport default defineWorkflow(${literal(written, '')})\n`
}

const SHORT = 80
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

function literal(value: unknown, indent: string): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = `${indent}  `
  const parts = Array.isArray(value)
    ? value.map((one) => literal(one, inner))
    : Object.entries(value).flatMap(([key, one]) =>
        one === undefined ? [] : [`${keyText(key)}: ${literal(one, inner)}`],
      )
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return `${open}${close}`
  const space = Array.isArray(value) ? '' : ' '
  const line = `${open}${space}${parts.join(', ')}${space}${close}`
  if (line.length + indent.length <= SHORT && !line.includes('\n')) return line
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close}`
}

function keyText(key: string): string {
  // Written as a plain key it would set the prototype, not a field.
  if (key === '__proto__') return "['__proto__']"
  return IDENTIFIER.test(key) ? key : quoted(key)
}

function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inner.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}
