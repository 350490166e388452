// `npm test`: makes the project ready, checks the types of the tests and runs them all.
// Arguments go to Vitest: `npm test -- packages/orderly` runs the tests of one folder.
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { installPrograms } from './programs.mjs'
import { root, run, say, setUp } from './setup.mjs'

/** When more files fail than this, it is no accident of one moment. */
const MOST_FILES_AGAIN = 5
const given = process.argv.slice(2)

setUp()
// Whoever asks for some of the tests may need none of them.
const isWhole = given.every((argument) => argument.startsWith('-'))
if (isWhole) await installPrograms()
const typed = run(process.execPath, [
  join(root, 'node_modules/typescript/bin/tsc'),
  '-p',
  'tsconfig.test.json',
])
if (!typed) say('The tests do not type-check; the lines above say where.')

const results = runTests(given)
const red = results.files.filter(({ status }) => status === 'failed')
if (isWhole && red.length > 0 && red.length <= MOST_FILES_AGAIN) runAgain(red)

const tests = results.files.flatMap((file) => file.assertionResults)
const passed = tests.filter(({ status }) => status === 'passed').length
const failed = tests.filter(({ status }) => status === 'failed').length
const broken = !typed || (!results.ran && failed === 0) || passed === 0
console.log(`${passed} passed, ${failed + (broken ? 1 : 0)} failed`)
process.exitCode = results.ran && !broken ? 0 : 1

/**
 * Tests that wait for servers, browsers and killed processes can miss their moment on a machine that is full. Their
 * files run once more, with the machine to themselves; what then passes is named, and what fails has failed.
 */
function runAgain(files) {
  const names = files.map(({ name }) => relative(root, name))
  say(`\nOnce more, by themselves: ${names.join(', ')}`)
  const again = runTests(names)
  if (again.files.length < files.length) return
  for (const { fullName } of files.flatMap(failuresOf)) {
    const isStill = again.files.flatMap(failuresOf).some((test) => test.fullName === fullName)
    say(`${isStill ? 'Failed twice' : 'Passed the second time'}: ${fullName}`)
  }
  results.ran = again.ran
  results.files = results.files.filter((file) => !files.includes(file)).concat(again.files)
}

function failuresOf({ assertionResults }) {
  return assertionResults.filter(({ status }) => status === 'failed')
}

/** Runs Vitest; tells whether it was content, and what became of each file. */
function runTests(args) {
  const report = join(tmpdir(), `orderly-test-${process.pid}.json`)
  const ran = run(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ])
  try {
    return { ran, files: JSON.parse(readFileSync(report, 'utf8')).testResults }
  } catch {
    return { ran, files: [] }
  } finally {
    rmSync(report, { force: true })
  }
}
