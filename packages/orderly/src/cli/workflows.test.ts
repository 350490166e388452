import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createOrderly, defineJob, handle, type WorkflowDocument } from '../index.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const GUIDE = fileURLToPath(new URL('../../../../docs/guides/workflows.md', import.meta.url))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-cli-flows-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(args: readonly string[]) {
  const done = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', cwd: folder })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

function write(name: string, document: unknown): string {
  const file = join(folder, name)
  writeFileSync(file, JSON.stringify(document))
  return file
}

const guide = readFileSync(GUIDE, 'utf8')
const document = JSON.parse(/```json\n([\s\S]*?)```/.exec(guide)![1]!) as WorkflowDocument

describe('orderly workflows', () => {
  it('does what the guide has a reader do by hand', () => {
    write('check.json', document)
    const commands = [...guide.matchAll(/^ *npx orderly (workflows (?:validate|simulate) .*)$/gm)]
    expect(commands).toHaveLength(2)
    const [validated, simulated] = commands.map(([, line]) =>
      run([...line!.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word!)),
    )
    expect(validated).toMatchObject({ code: 0, out: 'check.json can run.\n' })
    expect(simulated!.code).toBe(0)
    expect(simulated!.out).toMatch(/2026-01-01T00:02:00\.000Z +scan +completed/)
    expect(simulated!.out).toContain('longest way: scan, files, ask, publish')
  })

  it('says what differs between two documents, by name and by exit code', () => {
    const old = write('old.json', document)
    const { ask: _ask, ...nodes } = document.nodes
    const changed = {
      ...document,
      version: 2,
      nodes: { ...nodes, publish: { ...document.nodes['publish'], onFailure: 'continue' } },
      edges: [
        { from: 'scan', to: 'files' },
        { from: 'files', to: 'publish' },
      ],
    }
    const other = write('new.json', changed)
    expect(run(['workflows', 'diff', old, old])).toMatchObject({
      code: 0,
      out: 'Nothing differs.\n',
    })
    const words = run(['workflows', 'diff', old, other])
    expect(words.code).toBe(3)
    expect(words.out.trimEnd().split('\n')).toEqual([
      '- node ask',
      '~ node publish: onFailure',
      '- edge files → ask',
      '- edge ask → publish',
      '+ edge files → publish',
    ])
    const diff = run(['workflows', 'diff', old, other, '--json'])
    expect(JSON.parse(diff.out)).toMatchObject({ removed: ['ask'], added: [], same: false })
    expect(run(['workflows', 'diff', old, write('no.json', { a: 1 })])).toMatchObject({ code: 1 })
  })

  it('plays a failure, and refuses what cannot run', () => {
    const file = write('play.json', document)
    const assume = JSON.stringify({ scan: { duration: '1m', fails: true } })
    const played = run(['workflows', 'simulate', file, '--assume', assume, '--json'])
    expect(JSON.parse(played.out)).toMatchObject({ end: 'failed', duration: 60_000 })
    const circle = [...document.edges, { from: 'publish', to: 'files' }]
    const refused = run([
      'workflows',
      'simulate',
      write('circle.json', { ...document, edges: circle }),
    ])
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('ORDERLY_DEFINITION_INVALID')
    expect(run(['workflows', 'simulate', file, '--assume', '{']).err).toContain('no JSON')
  })

  it('prints a document as code', () => {
    const { code, out } = run(['workflows', 'code', write('code.json', document)])
    expect(code).toBe(0)
    expect(out).toContain('defineWorkflow(')
    expect(out).toContain('"Publish?"'.replaceAll('"', "'"))
  })
})

describe('orderly rebuild', () => {
  it('says first what is not as its log has it, and mends it when told', async () => {
    const home = join(folder, 'home')
    const visit = defineJob({ name: 'visit', input: z.object({}) })
    const silent = { debug() {}, info() {}, warn() {}, error() {} }
    const open = () =>
      createOrderly({
        home,
        log: silent,
        jobs: [visit],
        handlers: [handle(visit, async () => undefined)],
      })
    const first = await open()
    await first.enqueue(visit, {})
    await first.start()
    await first.whenIdle()
    await first.close()
    const rebuild = (...args: string[]) => run(['--home', home, 'rebuild', ...args])
    expect(rebuild()).toMatchObject({ code: 0 })
    const second = await open()
    const { query } = second.database.withTables<{ orderly_counts: { n: number } }>()
    await query.deleteFrom('orderly_counts').execute()
    await second.close()
    const plan = rebuild()
    expect(plan.code).toBe(3)
    expect(plan.out).toContain('would be mended')
    expect(rebuild().code).toBe(3)
    const done = rebuild('--apply', '--json')
    expect(done.code).toBe(0)
    expect(JSON.parse(done.out)).toMatchObject({ applied: true, wrong: 1, record: { counts: 1 } })
    expect(rebuild('--json').code).toBe(0)
    const third = await open()
    expect(await third.countJobs()).toMatchObject([{ name: 'visit', state: 'completed', n: 1 }])
    await third.close()
  })
})
