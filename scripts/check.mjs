// `npm run check`: format, lint, types, dead code. All of them run; one red is enough to fail.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, say, seconds, setUp } from './setup.mjs'

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
// Two at a time, as there are processors even on a small machine; what one says is told in one piece.
const waiting = [...checks]
await Promise.all([lane(), lane()])

async function lane() {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const started = performance.now()
    const { passed, said } = await finish(check)
    if (said !== '') process.stderr.write(said)
    say(`${passed ? 'ok  ' : 'FAIL'} ${check.name} (${seconds(started)})`)
    if (!passed) process.exitCode = 1
  }
}

function finish({ program, args }) {
  const child = spawn(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text))
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ passed: code === 0, said }))
  })
}
