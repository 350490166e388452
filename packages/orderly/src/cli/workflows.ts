// `orderly workflows …`
import { readFileSync, statSync } from 'node:fs'
import { Command } from 'commander'
import { DECIDING_ROLES } from '../access/roles.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { workflowCode } from '../workflow/code.ts'
import { diffWorkflows, type WorkflowDiff } from '../workflow/diff.ts'
import {
  workflowDocument,
  workflowSchema,
  type WorkflowDocument,
  type WorkflowEdge,
} from '../workflow/document.ts'
import { simulate, type Assumption } from '../workflow/simulate.ts'
import { validateWorkflow, type Validation } from '../workflow/validate.ts'
import { printResult, table } from './print.ts'
import { addRemoteRuns } from './remote-runs.ts'

/** Something was found. */
const FOUND = 3
const LARGEST_FILE = 8 * 1024 * 1024

export function workflowCommands(): Command {
  const workflows = new Command('workflows')

  workflows
    .command('validate <file>')
    .description('Check a workflow document; ends with 0 when it can run, with 3 when it cannot')
    .option('--jobs <names>', 'the jobs there are, with commas between them; any unless told')
    .option('--json', 'as { "valid": …, "findings": [{ "code", "node", "message" }] }')
    .action(async (file: string, _flags, command: Command) => {
      const { json = false, jobs } = command.optsWithGlobals<{ json?: boolean; jobs?: string }>()
      const known =
        jobs === undefined ? {} : { jobs: jobs.split(',').map((name) => ({ name: name.trim() })) }
      const { valid, findings } = check(readDocument(file), { ...known, deciders: DECIDING_ROLES })
      await printResult({ valid, findings }, json, () =>
        valid
          ? `${file} can run.`
          : table(
              ['node', 'what', ''],
              findings.map(({ node, code, message }) => [node, code, message]),
            ),
      )
      if (!valid) process.exitCode = FOUND
    })

  workflows
    .command('schema')
    .description('Print the JSON Schema of workflow documents, for editors')
    .action(async () => {
      await printResult(workflowSchema(), true, () => '')
    })

  workflows
    .command('simulate <file>')
    .description('Play a workflow on a clock of its own, and list what would begin and end when')
    .option('--input <json>', 'the input of the run; one that fits its schema unless told')
    .option(
      '--assume <json>',
      'by node: { "duration": "5m", "fails": true, "output": …, "never": true }',
    )
    .option('--from <time>', 'when it begins, ISO 8601; the start of 2026 unless told')
    .option('--json', 'as { "events": […], "end", "duration", "longest", "unsure", "output" }')
    .action(async (file: string, _flags, command: Command) => {
      const options = command.optsWithGlobals<SimulateFlags>()
      const checked = check(readDocument(file), {})
      if (!checked.valid)
        throw new OrderlyError(
          'ORDERLY_DEFINITION_INVALID',
          `${file} cannot run: ${checked.findings[0]!.message}`,
        )
      const start = Date.parse(options.from ?? '2026-01-01T00:00:00Z')
      if (Number.isNaN(start))
        throw new OrderlyError('ORDERLY_INPUT_INVALID', '--from is a time as ISO 8601 writes it')
      const played = simulate(checked.document, {
        start,
        ...(options.input === undefined ? {} : { input: jsonOf('--input', options.input) }),
        ...(options.assume === undefined
          ? {}
          : { nodes: jsonOf('--assume', options.assume) as Record<string, Assumption> }),
      })
      await printResult(played, options.json ?? false, () =>
        [
          table(
            ['time', 'node', ''],
            played.events.map(({ at, node, what }) => [new Date(at).toISOString(), node, what]),
          ),
          `It would be ${played.end} after ${played.duration / 1_000} s; longest way: ${played.longest.join(', ')}.`,
          ...played.unsure,
        ].join('\n'),
      )
    })

  workflows
    .command('diff <before> <after>')
    .description(
      'Say what differs between two documents; ends with 0 when nothing does, with 3 when something does',
    )
    .option(
      '--json',
      'as { "added", "removed", "changed", "edgesAdded", "edgesRemoved", "document", "same" }',
    )
    .action(async (before: string, after: string, _flags, command: Command) => {
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>()
      const diff = diffWorkflows(parsed(before), parsed(after))
      await printResult(diff, json, () => (diff.same ? 'Nothing differs.' : inWords(diff)))
      if (!diff.same) process.exitCode = FOUND
    })

  workflows
    .command('code <file>')
    .description('Print a workflow document as TypeScript that makes the same document')
    .action(async (file: string) => {
      const text = workflowCode(parsed(file))
      await printResult(text, false, () => text.trimEnd())
    })

  addRemoteRuns(workflows)

  return workflows
}

interface SimulateFlags {
  readonly input?: string
  readonly assume?: string
  readonly from?: string
  readonly json?: boolean
}

function jsonOf(what: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new OrderlyError('ORDERLY_INPUT_INVALID', `${what} is no JSON`)
  }
}

function parsed(file: string): WorkflowDocument {
  const result = workflowDocument.safeParse(jsonOf(file, readDocument(file)))
  if (result.success) return result.data
  throw new OrderlyError(
    'ORDERLY_DEFINITION_INVALID',
    `${file} is no workflow document; "orderly workflows validate" says why`,
  )
}

function inWords(diff: WorkflowDiff): string {
  const edge = ({ from, to, when }: WorkflowEdge): string =>
    `${from} → ${to}${when === undefined ? '' : ` when ${when}`}`
  return [
    ...diff.removed.map((node) => `- node ${node}`),
    ...diff.added.map((node) => `+ node ${node}`),
    ...diff.changed.flatMap(({ node, fields }) =>
      fields.map((field) => `~ node ${node}: ${field.path}`),
    ),
    ...diff.edgesRemoved.map((one) => `- edge ${edge(one)}`),
    ...diff.edgesAdded.map((one) => `+ edge ${edge(one)}`),
    ...diff.document.map(({ path }) => `~ ${path}`),
  ].join('\n')
}

function check(text: string, known: Parameters<typeof validateWorkflow>[1]): Validation {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { valid: false, findings: [{ code: 'shape', node: '', message: 'the file is no JSON' }] }
  }
  return validateWorkflow(value, known)
}

function readDocument(file: string): string {
  try {
    if (statSync(file).size <= LARGEST_FILE) return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new OrderlyError('ORDERLY_NOT_FOUND', `${file} cannot be read`, { cause })
  }
  throw new OrderlyError('ORDERLY_PAYLOAD_TOO_LARGE', `${file} is larger than 8 MiB`)
}
