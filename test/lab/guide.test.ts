// The programs of the guide run as they stand.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { QUEUE_NAMES, queueWork } from '../../packs/lab/src/index.ts'
import { ROOT } from '../sources.ts'

const guide = readFileSync(join(ROOT, 'docs/guides/lab.md'), 'utf8')
const integration = readFileSync(join(ROOT, 'docs/guides/lab-integration.md'), 'utf8')

it('has programs that run', () => {
  const programs = [...`${guide}\n${integration}`.matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, program]) => program!,
  )
  expect(programs.length).toBe(6)
  // Inside the project, so that the programs find the packages as installed ones would.
  const cache = join(ROOT, 'node_modules/.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'lab-guide-'))
  try {
    const names = programs.map((program, n) => {
      writeFileSync(join(folder, `program-${n}.mts`), program)
      return `./program-${n}.mts`
    })
    writeFileSync(
      join(folder, 'all.mts'),
      // Each at a home of its own: what one leaves undone is not for the next.
      names
        .map((name, n) => `process.env.ORDERLY_HOME = './home-${n}'\nawait import('${name}')`)
        .join('\n'),
    )
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', 'all.mts'],
      {
        cwd: folder,
        encoding: 'utf8',
        timeout: 60_000,
      },
    )
    expect(stderr.includes('Error')).toBe(false)
    expect(status).toBe(0)
    expect(stdout).toMatch(/completed: \d/)
    expect(stdout).toContain('lab.scheduled.morning-round')
    for (const line of [
      'order route: 201, 1 document',
      'LIMS route: 401, 200, in_production',
      'from Bull: 1 page',
      'from BullMQ: 1 told',
      'from node-cron: planned',
    ])
      expect(stdout).toContain(line)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('names every function there is, and every queue', () => {
  const functions = Object.keys(queueWork({} as Parameters<typeof queueWork>[0]))
  const counts = (pattern: RegExp): number => functions.filter((name) => pattern.test(name)).length
  expect(counts(/Email$/)).toBe(5)
  expect(counts(/PDF$/)).toBe(5)
  expect(counts(/Notification$/)).toBe(4)
  expect(functions).toHaveLength(20)
  for (const name of [...functions, ...QUEUE_NAMES]) expect(guide).toContain(name)
})
