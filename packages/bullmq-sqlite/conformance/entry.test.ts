/** A program of its own runs the suite as it is published, over a backend that is right and over one that is not. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')

/** What whoever writes a backend would write. */
const consumer = (factory: string): string => `
  import { mkdtempSync, rmSync } from 'node:fs'
  import { tmpdir } from 'node:os'
  import { join } from 'node:path'
  import { createSqliteBackend } from 'bullmq-sqlite'
  import { describeBackend } from 'bullmq-sqlite/testing'
  import { describeBackend as same } from 'orderly/testing/backend'

  if (same !== describeBackend) throw new Error('there are two of it')

  describeBackend('mine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'consumer-'))
    return {
      name: 'mine',
      factory: ${factory},
      connection: { file: join(folder, 'queues.db'), synchronous: 'NORMAL' },
      stop: async () => rmSync(folder, { recursive: true }),
    }
  })`

/** A backend that forgets where its jobs are. */
const FORGETFUL = `(...given) =>
  new Proxy(createSqliteBackend(...given), {
    get(backend, name) {
      if (name === 'getState') return async () => 'unknown'
      const member = Reflect.get(backend, name, backend)
      return typeof member === 'function' ? member.bind(backend) : member
    },
  })`

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly { readonly name: string; readonly status: string }[]
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'suite-'))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('states its cases to a program that installed the package, and finds out who is wrong', async () => {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  writeFileSync(join(folder, 'right.test.js'), consumer('createSqliteBackend'))
  writeFileSync(join(folder, 'wrong.test.js'), consumer(FORGETFUL))
  const args = [
    VITEST,
    'run',
    '--root',
    folder,
    '--reporter',
    'json',
    '--no-isolate',
    '--maxWorkers',
    '1',
    '-t',
    'mine add',
  ]
  const out = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { env: { ...process.env, VITEST: '' } }, (_error, text) =>
      resolve(text),
    )
  })
  const report = JSON.parse(out) as Report
  const status = (file: string): string | undefined =>
    report.testResults.find(({ name }) => name.endsWith(file))?.status
  expect([status('right.test.js'), status('wrong.test.js')]).toEqual(['passed', 'failed'])
  expect(report.numPassedTests).toBeGreaterThan(10)
}, 120_000)
