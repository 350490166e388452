import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../sources.ts'

const FOLDER = join(ROOT, 'packages/orderly/dist/dashboard')
const ASSETS = join(FOLDER, 'assets')
const KB = 1_000
const names = readdirSync(ASSETS)
const gzipOf = (name: string): number => readFileSync(join(ASSETS, `${name}.gz`)).length

/** The files the page asks for before it shows anything: those it names, and what those import at once. */
function shell(): string[] {
  const html = readFileSync(join(FOLDER, 'index.html'), 'utf8')
  const named = [...html.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].map(([, name]) => name!)
  const found = new Set(named)
  for (const name of found)
    if (name.endsWith('.js'))
      for (const [, next] of readFileSync(join(ASSETS, name), 'utf8').matchAll(
        /(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g,
      ))
        found.add(next!)
  return [...found]
}

describe('what a browser is sent', () => {
  it('is 280 kB at most before the first page shows', () => {
    const sizes = shell().map(gzipOf)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(280 * KB)
    expect(sizes.length).toBeGreaterThan(1)
  })

  it('is few files: each is a visit of the server, and a cold page waits for the last of them', () => {
    expect(shell().length).toBeLessThanOrEqual(3)
    expect(names.filter((name) => name.endsWith('.js')).length).toBeLessThan(70)
  })

  it('is 110 kB at most for each part that is loaded later', () => {
    const first = new Set(shell())
    const large = names
      .filter((name) => name.endsWith('.js') && !first.has(name))
      .filter((name) => gzipOf(name) > 110 * KB)
    expect(large).toEqual([])
  })

  it('fetches no font or picture from elsewhere', () => {
    const fetched = names
      .filter((name) => name.endsWith('.css'))
      .flatMap((name) => [
        ...readFileSync(join(ASSETS, name), 'utf8').matchAll(/url\((["']?)(https?:[^)"']+)/g),
      ])
      .map(([, , url]) => url!)
    expect(fetched).toEqual([])
  })
})
