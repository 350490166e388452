// `npm run check`: format, lint, types, dead code. All of them run; one red is enough to fail.
import { join } from 'node:path'
import { root, run, say, seconds, setUp } from './setup.mjs'

setUp()
const checks = [
  {
    name: 'format',
    program: 'prettier/bin/prettier.cjs',
    args: ['--check', '--log-level', 'warn', '.'],
  },
  { name: 'lint', program: 'oxlint/bin/oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'types', program: 'typescript/bin/tsc', args: ['-p', 'tsconfig.test.json'] },
  {
    name: 'types of the dashboard',
    program: 'typescript/bin/tsc',
    args: ['-p', 'packages/dashboard'],
  },
  { name: 'dead code', program: 'knip/bin/knip.js', args: ['--no-progress'] },
]
for (const { name, program, args } of checks) {
  const started = performance.now()
  const passed = run(process.execPath, [join(root, 'node_modules', program), ...args])
  say(`${passed ? 'ok  ' : 'FAIL'} ${name} (${seconds(started)})`)
  if (!passed) process.exitCode = 1
}
