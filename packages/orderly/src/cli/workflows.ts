// `orderly workflows …`
import { readFileSync, statSync } from 'node:fs'
import { Command } from 'commander'
import { OrderlyError } from '../primitives/errors.ts'
import { workflowSchema } from '../workflow/document.ts'
import { validateWorkflow, type Validation } from '../workflow/validate.ts'
import { printResult, table } from './print.ts'

/** Something was found. */
const FOUND = 3
const LARGEST_FILE = 8 * 1024 * 1024

export function workflowCommands(): Command {
  const workflows = new Command('workflows').description('Workflow documents')

  workflows
    .command('validate <file>')
    .description('Check a workflow document; ends with 0 when it can run, with 3 when it cannot')
    .option('--jobs <names>', 'the jobs there are, with commas between them; any unless told')
    .option('--json', 'as { "valid": …, "findings": [{ "code", "node", "message" }] }')
    .action(async (file: string, _flags, command: Command) => {
      const { json = false, jobs } = command.optsWithGlobals<{ json?: boolean; jobs?: string }>()
      const known =
        jobs === undefined ? {} : { jobs: jobs.split(',').map((name) => ({ name: name.trim() })) }
      const { valid, findings } = check(readDocument(file), known)
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

  return workflows
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
