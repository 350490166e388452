import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ROOT } from '../sources.ts'

const MAIN = join(ROOT, 'examples/bull-board/dist/main.js')
let folder: string | undefined

afterEach(() => {
  if (folder) rmSync(folder, { recursive: true, force: true })
})

interface Board {
  readonly queues: readonly {
    readonly name: string
    readonly counts: Record<string, number>
    readonly jobs: readonly {
      readonly id: string
      readonly isFailed: boolean
      readonly failedReason?: string
    }[]
  }[]
}

describe('the Bull Board example', () => {
  it('shows the jobs of a SQLite file and retries one of them', async () => {
    folder = mkdtempSync(join(tmpdir(), 'orderly-board-'))
    const child = spawn(process.execPath, [MAIN, join(folder, 'queues.db')], {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    try {
      const url = await new Promise<string>((resolve) => {
        let said = ''
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          said += text
          const found = /(http:\/\/\S+)\/ui/.exec(said)
          if (found) resolve(found[1]!)
        })
      })
      const board = async (): Promise<Board> =>
        (await (
          await fetch(`${url}/ui/api/queues?activeQueue=mail&page=1&jobsPerPage=10`)
        ).json()) as Board
      await expect
        .poll(async () => (await board()).queues[0]?.counts)
        .toMatchObject({ completed: 3, failed: 1, active: 0, waiting: 0 })
      const failed = (await board()).queues[0]!.jobs.find(({ isFailed }) => isFailed)!
      expect(failed.failedReason).toBe('no such address')
      const retried = await fetch(`${url}/ui/api/queues/mail/${failed.id}/retry`, {
        method: 'PUT',
      })
      expect(retried.status).toBe(204)
      const logs = async (): Promise<unknown> =>
        (await fetch(`${url}/ui/api/queues/mail/${failed.id}/logs`)).json()
      await expect.poll(logs).toEqual(['writing to nobody', 'writing to nobody'])
    } finally {
      child.kill('SIGINT')
    }
    expect(await ended).toBe(0)
  })
})
