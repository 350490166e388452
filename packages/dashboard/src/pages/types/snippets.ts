// The same job as a program, a request and a command would add it.
import type { RequestOf } from '../../api/call.ts'

type NewJob = RequestOf<'jobs.create'>['body']

export interface Snippets {
  readonly code: string
  readonly curl: string
  readonly cli: string
}

export function snippetsOf(job: NewJob, server: string): Snippets {
  const { type, input, options } = job
  const hasOptions = Object.keys(options ?? {}).length > 0
  const pretty = JSON.stringify(input, null, 2)
  const body = JSON.stringify({ type, input, ...(hasOptions ? { options } : {}) })
  return {
    code: [
      `await orderly.enqueueByName('${type}', ${pretty}`,
      hasOptions ? `, ${JSON.stringify(options)})` : ')',
    ].join(''),
    curl: [
      `curl ${server}/api/v1/jobs \\`,
      `  -H 'authorization: Bearer YOUR_KEY' \\`,
      `  -H 'content-type: application/json' \\`,
      `  -d ${quoted(body)}`,
    ].join('\n'),
    cli: `npx orderly jobs add ${type} --input ${quoted(JSON.stringify(input))}`,
  }
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
