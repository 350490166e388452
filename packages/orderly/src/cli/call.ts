// `orderly call`: any operation of the API by its id, for what no other command does. Its operations are those of the API.
import { Command } from 'commander'
import { ROUTES, type ApiClient, type OperationId } from '../api/index.ts'
import { OrderlyError } from '../primitives/errors.ts'
import { printResult, tableOr } from './print.ts'
import { asking, remote, type RemoteFlags } from './remote.ts'

interface CallFlags extends RemoteFlags {
  readonly body?: string
}

export function callCommand(): Command {
  return remote(new Command('call'))
    .argument('[operation]', 'such as queues.drain; all of them are listed unless told')
    .argument('[fields...]', 'name=value: of its path, of its query, or of its body')
    .option('--body <json>', 'its body, where fields cannot say it')
    .action(async (id: string | undefined, fields: string[], _flags, command: Command) => {
      const { body, ...flags } = command.optsWithGlobals<CallFlags>()
      if (id === undefined || !isOperation(id)) return list(id, flags.json ?? false)
      const request = requestOf(id, fields, body)
      const answer = await asking(flags, (client) => callAny(client, id, request))
      await printResult(answer, flags.json ?? false, () =>
        typeof answer === 'string' ? answer.trimEnd() : JSON.stringify(answer, null, 2),
      )
    })
}

function isOperation(id: string): id is OperationId {
  return Object.hasOwn(ROUTES, id)
}

/** Those whose ids begin as what was typed. */
async function list(begin = '', json: boolean): Promise<void> {
  const found = Object.entries(ROUTES)
    .filter(([id]) => id.startsWith(begin))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  await printResult(
    found.map(([operation, [method, path]]) => ({ operation, method, path })),
    json,
    () =>
      tableOr(
        'No operation begins so; "orderly call" lists all of them.',
        ['operation', 'method', 'path'],
        found.map(([id, [method, path]]) => [id, method, path]),
      ),
  )
  if (begin !== '') process.exitCode = 2
}

interface Request {
  readonly params: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

function requestOf(id: OperationId, fields: readonly string[], body: string | undefined): Request {
  const [method, path] = ROUTES[id]
  const ofPath = new Set([...path.matchAll(/:(\w+)/g)].map(([, name]) => name!))
  const given = fields.map((field) => {
    const at = field.indexOf('=')
    if (at > 0) return [field.slice(0, at), field.slice(at + 1)] as const
    throw new OrderlyError('ORDERLY_INPUT_INVALID', 'a field is written as name=value')
  })
  const params = Object.fromEntries(given.filter(([name]) => ofPath.has(name)))
  const missing = [...ofPath].filter((name) => !Object.hasOwn(params, name))
  if (missing.length > 0)
    throw new OrderlyError(
      'ORDERLY_INPUT_INVALID',
      `${id} is asked for by its ${missing.join(' and ')}: add ${missing.map((name) => `${name}=…`).join(' ')}`,
    )
  const rest = given.filter(([name]) => !ofPath.has(name))
  if (method === 'GET' || method === 'DELETE') return { params, query: Object.fromEntries(rest) }
  const own = Object.fromEntries(rest.map(([name, value]) => [name, valueOf(value)]))
  if (body === undefined) return { params, ...(rest.length > 0 ? { body: own } : {}) }
  const read = readJson(body)
  return { params, body: rest.length === 0 ? read : { ...(read as object), ...own } }
}

/** A number, a list or a truth where it is written as one; else text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new OrderlyError('ORDERLY_INPUT_INVALID', '--body is no JSON', { cause })
  }
}

/** What fits an operation is for the server to say: here it is text that somebody typed. */
function callAny(client: ApiClient, id: OperationId, request: Request): Promise<unknown> {
  const call: (id: OperationId, request: object) => Promise<unknown> = client.call
  return call(id, request)
}
