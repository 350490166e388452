// Runs the program behind `npm start` as a stranger would: in a process of its own, on folders of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { FileReport } from '@orderly/prices'
import BetterSqlite3 from 'better-sqlite3'
import { ROOT } from '../sources.ts'

const MAIN = join(ROOT, 'examples/hospital-prices/dist/main.js')

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Report {
  readonly files: readonly FileReport[]
  readonly totals: Readonly<Record<string, number>>
  readonly scan: Readonly<Record<string, unknown>>
  readonly published: number
  readonly database: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the first match of `pattern` in what the program has said on stderr. */
  said(pattern: RegExp): Promise<RegExpExecArray>
}

export function start(args: readonly string[], environment: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  })
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const look of waiting) look()
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  return {
    child,
    ended,
    said(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stderr)
          if (!match) return
          waiting.delete(look)
          resolve(match)
        }
        waiting.add(look)
        look()
        void ended.then(() =>
          reject(new Error(`the program ended without saying ${pattern.source}:\n${stderr}`)),
        )
      })
    },
  }
}

/** Runs to the end with `--once --json` and reads the report. */
export async function loadOnce(args: readonly string[]): Promise<{ ended: Ended; report: Report }> {
  const ended = await start(['--once', '--json', ...args]).ended
  try {
    return { ended, report: JSON.parse(ended.stdout) as Report }
  } catch {
    throw new Error(
      `no report on stdout (exit code ${ended.code}):\n${ended.stdout}\n${ended.stderr}`,
    )
  }
}

/** Every row of the prices table, as text, in the order of its key. */
export function pricesOf(database: string): string[] {
  const db = new BetterSqlite3(database, { readonly: true })
  try {
    const rows = db.prepare('select * from prices').safeIntegers().raw().all() as unknown[][]
    return rows.map((row) => row.map(String).join('|'))
  } finally {
    db.close()
  }
}

/** What was worked out of the prices, as text in the order of its key; when it was worked out is left out. */
export function statisticsOf(database: string): string[] {
  const db = new BetterSqlite3(database, { readonly: true })
  try {
    const rows = db
      .prepare('select * from price_stats order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10')
      .all() as Record<string, unknown>[]
    return rows.map((row) =>
      Object.values({ ...row, refreshed_at: '' })
        .map(String)
        .join('|'),
    )
  } finally {
    db.close()
  }
}
