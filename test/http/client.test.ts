import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { format } from 'prettier'
import { describe, expect, it } from 'vitest'
import { OPERATIONS } from '../../packages/orderly/src/http/operations/index.ts'
import { listFiles, ROOT } from '../sources.ts'
import { printClient } from './print-client.ts'

const FOLDER = 'packages/orderly/src/api'
const BY_HAND = new Set(['client.ts', 'index.ts'])
const STYLE = JSON.parse(readFileSync(join(ROOT, '.prettierrc.json'), 'utf8')) as object

describe('the client of the API', () => {
  it('has the types of the operations as they are; WRITE_API=1 makes them anew', async () => {
    const wanted = new Map<string, string>()
    for (const [path, text] of printClient(OPERATIONS))
      wanted.set(path, await format(text, { ...STYLE, parser: 'typescript' }))
    const folder = join(ROOT, FOLDER)
    if (process.env['WRITE_API']) {
      for (const part of ['operations', 'schemas'])
        rmSync(join(folder, part), { recursive: true, force: true })
      for (const [path, text] of wanted) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
    }
    const there = listFiles(FOLDER, ['.ts'])
      .map((path) => path.slice(FOLDER.length + 1))
      .filter((path) => !BY_HAND.has(path) && !path.endsWith('.test.ts'))
    expect(there).toEqual([...wanted.keys()].toSorted())
    for (const [path, text] of wanted)
      expect(
        existsSync(join(folder, path)) && readFileSync(join(folder, path), 'utf8') === text,
        path,
      ).toBe(true)
  })
})
