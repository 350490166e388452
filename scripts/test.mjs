// `npm test`: makes the project ready, checks the types of the tests and runs them all.
// Arguments go to Vitest: `npm test -- packages/orderly` runs the tests of one folder.
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPrograms } from './programs.mjs'
import { root, run, say, setUp } from './setup.mjs'

setUp()
// Whoever asks for some of the tests may need none of them.
const isWhole = process.argv.slice(2).every((argument) => argument.startsWith('-'))
if (isWhole) await installPrograms()
const typed = run(process.execPath, [
  join(root, 'node_modules/typescript/bin/tsc'),
  '-p',
  'tsconfig.test.json',
])
if (!typed) say('The tests do not type-check; the lines above say where.')

const report = join(tmpdir(), `orderly-test-${process.pid}.json`)
const ran = run(process.execPath, [
  join(root, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
])
const { passed, failed } = readResult(report)
const broken = !typed || (!ran && failed === 0) || passed === 0
console.log(`${passed} passed, ${failed + (broken ? 1 : 0)} failed`)
process.exitCode = ran && !broken ? 0 : 1

function readResult(file) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests }
  } catch {
    return { passed: 0, failed: 0 }
  } finally {
    rmSync(file, { force: true })
  }
}
