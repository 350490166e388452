// `npm run check`: format, lint, types, dead code. All of them run; one red is enough to fail.
import { join } from 'node:path'
import { root, run, say, seconds, setUp } from './setup.mjs'

setUp()
const bin = (name) => join(root, 'node_modules', name)
const checks = [
  ['format', bin('prettier/bin/prettier.cjs'), ['--check', '--log-level', 'warn', '.']],
  ['lint', bin('oxlint/bin/oxlint'), ['--type-aware', '--deny-warnings']],
  ['types', bin('typescript/bin/tsc'), ['-p', 'tsconfig.test.json']],
  ['dead code', bin('knip/bin/knip.js'), ['--no-progress']],
]
for (const [name, program, args] of checks) {
  const started = performance.now()
  const passed = run(process.execPath, [program, ...args])
  say(`${passed ? 'ok  ' : 'FAIL'} ${name} (${seconds(started)})`)
  if (!passed) process.exitCode = 1
}
