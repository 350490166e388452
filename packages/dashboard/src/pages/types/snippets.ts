// The same job as a program, a request and a command would add it.
import type { NewJob } from 'orderly/api'

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
    cli: [
      `npx orderly jobs add ${type} --input ${quoted(JSON.stringify(input))}`,
      ...flagsOf(options),
    ].join(' '),
  }
}

/** `idempotencyKey: 'a'` is `--idempotency-key a`; each tag has a flag of its own. */
function flagsOf(options: NewJob['options'] = {}): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const flag =
      name === 'tags'
        ? '--tag'
        : `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    return [value].flat().map((one) => `${flag} ${quoted(String(one))}`)
  })
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
