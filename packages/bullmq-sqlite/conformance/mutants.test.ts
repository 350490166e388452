/** Breaks copies of the package on purpose: a suite that lets a broken copy pass is itself broken. */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mutants } from './mutants.ts'
import type { Mutant } from './mutants.ts'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const AT_ONCE = 2

interface Outcome {
  passed: number
  failed: string[]
}

const untouched: Mutant = {
  name: 'none',
  edits: [],
  file: 'sqlite.test.ts',
  cases: mutants
    .filter(({ file }) => file === 'sqlite.test.ts')
    .map(({ cases }) => cases)
    .join('|'),
}
const outcomes = new Map<string, Outcome>()
const folders: string[] = []

beforeAll(async () => {
  const waiting = [untouched, ...mutants]
  const lane = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      outcomes.set(mutant.name, await runSuite(copyOf(mutant), mutant))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}, 300_000)
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe('the suites', () => {
  it('pass a copy that is not broken', () => {
    expect(outcomes.get('none')?.failed).toEqual([])
    expect(outcomes.get('none')?.passed).toBeGreaterThan(50)
  })

  it.each(mutants.map(({ name }) => name))('catch: %s', (name) => {
    expect(outcomes.get(name)?.failed).not.toEqual([])
  })

  it('know at least eight ways to be wrong', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBeGreaterThanOrEqual(8)
  })
})

/** A package of its own beside the real one's dependencies, with the mutant's edits. */
function copyOf(mutant: Mutant): string {
  const folder = mkdtempSync(join(tmpdir(), 'bullmq-sqlite-mutant-'))
  folders.push(folder)
  for (const part of ['src', 'conformance', 'DIFFERENCES.md', 'package.json']) {
    // Its tsconfig extends one that the copy does not have.
    const filter = (path: string): boolean => basename(path) !== 'tsconfig.json'
    cpSync(join(PACKAGE, part), join(folder, part), { recursive: true, filter })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const { file, from, to } of mutant.edits) {
    const path = join(folder, 'src', file)
    const parts = readFileSync(path, 'utf8').split(from)
    if (parts.length !== 2) {
      throw new Error(`"${from}" is ${parts.length - 1} times in ${file}, not once`)
    }
    writeFileSync(path, parts.join(to))
  }
  return folder
}

async function runSuite(folder: string, mutant: Mutant): Promise<Outcome> {
  const report = join(folder, 'report.json')
  const args = ['run', '--root', folder, '--reporter=json', `--outputFile=${report}`]
  // One case that notices is enough to know.
  const stop = mutant === untouched ? [] : ['--bail=1']
  const program = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const child = spawn(
    process.execPath,
    [program, ...args, ...stop, '--testTimeout=20000', '-t', mutant.cases, mutant.file],
    { cwd: folder, stdio: 'ignore', env: { ...process.env, ...mutant.env, VITEST: '' } },
  )
  await new Promise((resolve) => child.once('close', resolve))
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { status: string; fullName: string }[] }[]
  }
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  const having = (status: string): string[] =>
    all.filter((one) => one.status === status).map(({ fullName }) => fullName)
  return { passed: having('passed').length, failed: having('failed') }
}
