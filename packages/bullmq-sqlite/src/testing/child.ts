/** A process of its own for the crash tests: told what to do by its arguments, it reports by lines. */
import { bound } from './lab-free.ts'

const [file = '', role = ''] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

// Nobody is left to end a child whose test is gone.
const die = (): void => void process.kill(process.pid, 'SIGKILL')
process.once('disconnect', die)
if (!process.connected) die()
process.channel?.unref()

switch (role) {
  case 'add-forever': {
    const queue = new bound.Queue('work', { connection: file })
    for (let n = 0; ; n++) {
      const jobs = await Promise.all(
        Array.from({ length: 5 }, (_, k) => queue.add('job', { n: n * 5 + k })),
      )
      for (const job of jobs) say(`added ${job.id}`)
    }
  }
  case 'hold': {
    const worker = new bound.Worker(
      'work',
      async (job) => {
        say(`started ${job.id}`)
        await new Promise(() => undefined)
      },
      { connection: file, concurrency: 3, name: 'holder' },
    )
    await worker.waitUntilReady()
    say('ready')
    break
  }
  case 'work': {
    const worker = new bound.Worker('work', async (job) => void say(`done ${job.id}`), {
      connection: file,
      concurrency: 4,
    })
    await worker.waitUntilReady()
    say('ready')
    break
  }
  case 'lock': {
    const { default: Database } = await import('better-sqlite3')
    const db = new Database(file)
    db.exec('BEGIN IMMEDIATE')
    say('locked')
    process.stdin.once('data', () => {
      db.exec('COMMIT')
      db.close()
      process.stdin.destroy()
    })
    break
  }
  case 'add-and-end': {
    const queue = new bound.Queue('work', { connection: file })
    const job = await queue.add('job', {})
    say(`added ${job.id}`)
    await queue.close()
    break
  }
}
