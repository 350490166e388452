// `orderly jobs …`
import { closeSync, createReadStream, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Command } from 'commander'
import { OrderlyError } from '../primitives/errors.ts'
import { addRemoteJobs } from './remote-jobs.ts'
import { endProgress, print, printResult, say, sayProgress } from './print.ts'

interface Flags {
  readonly home?: string
  readonly json?: boolean
}

const SAY_EVERY = 1_000

export function jobCommands(): Command {
  const jobs = new Command('jobs')

  addRemoteJobs(jobs)

  jobs
    .command('export')
    .description('Write jobs with their history as lines of JSON; what they carry stays sealed')
    .option('--out <file>', 'where to; stdout unless told')
    .option('--queue <name>', 'only jobs of this queue')
    .option('--name <name>', 'only jobs of this name')
    .action(async (_flags, command: Command) => {
      const { out, queue, name, ...options } = command.optsWithGlobals<
        Flags & { out?: string; queue?: string; name?: string }
      >()
      let sink: Sink | undefined
      let lines = 0
      const { exportRecord } = await import('../maintenance.ts')
      const count = await exportRecord(
        options,
        { ...(queue === undefined ? {} : { queue }), ...(name === undefined ? {} : { name }) },
        async (line) => {
          // Only now is it sure that there is something to export.
          if (out !== undefined) sink ??= openSink(out)
          await (sink ? sink.write(line) : print(line))
          if (++lines % SAY_EVERY === 0) sayProgress(`${lines} lines`)
        },
      )
      await sink?.end()
      endProgress()
      say(`${count} lines written${out === undefined ? '' : ` to ${out}`}.`)
    })

  jobs
    .command('import')
    .description(
      'Take in what "orderly jobs export" wrote; jobs that are there already stay as they are',
    )
    .argument('<file>', 'the file, or - for stdin')
    .option('--json', 'one line of JSON')
    .action(async (file: string, _flags, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<Flags>()
      const input = file === '-' ? process.stdin : createReadStream(file)
      await readable(input, file)
      const { importRecord } = await import('../maintenance.ts')
      const done = await importRecord(options, createInterface({ input, crlfDelay: Infinity }))
      await printResult(
        done,
        json,
        () =>
          `${done.jobs} jobs taken in, ${done.known} were there already, ${done.keys} data keys added.`,
      )
    })
  return jobs
}

async function readable(input: NodeJS.ReadableStream, file: string): Promise<void> {
  if (input === process.stdin) return
  try {
    await once(input, 'open')
  } catch (cause) {
    throw new OrderlyError('ORDERLY_INPUT_INVALID', `${file} cannot be read; check the path`, {
      cause,
    })
  }
}

export interface Sink {
  write(line: string): Promise<void>
  end(): Promise<void>
}

/** Writes beside `file` and takes its place at the end, so that a failure leaves what was there. */
export function openSink(file: string): Sink {
  const next = `${file}.${process.pid}.next`
  let descriptor: number
  try {
    // Sealed as it is, an export is its owner's alone.
    descriptor = openSync(next, 'wx', 0o600)
  } catch (cause) {
    throw new OrderlyError('ORDERLY_INPUT_INVALID', `${file} cannot be written; check the path`, {
      cause,
    })
  }
  return {
    async write(line) {
      writeSync(descriptor, line)
    },
    async end() {
      fsyncSync(descriptor)
      closeSync(descriptor)
      renameSync(next, file)
    },
  }
}
