// The files of a snapshot, and the list of what each must be.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, open, readdir } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { createInterface } from 'node:readline'
import { makeFolder } from './primitives/folder.ts'
import { OrderlyError } from './primitives/errors.ts'

export interface SnapshotProgress {
  readonly files: number
  readonly bytes: number
}

/** A line of the list: what sha256sum writes and checks. */
interface Sum {
  readonly sha256: string
  /** Below the folder of the snapshot, with slashes. */
  readonly path: string
}

/** Written last: a snapshot without it was not finished. */
export const SUMS = 'SHA256SUMS'
const SUM = /^([0-9a-f]{64}) {2}(.+)$/

/** Refuses to go on where something is already. */
export async function mustBeEmpty(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new OrderlyError('ORDERLY_CONFLICT', `${folder} cannot be used as a folder`, {
      cause: error,
    })
  })
  if (found.length > 0)
    throw new OrderlyError(
      'ORDERLY_CONFLICT',
      `there is something in ${folder} already; name a folder that is new or empty`,
    )
}

/** Copies one file, readable by its owner only and on the disk when this resolves. */
export async function copyOne(from: string, to: string): Promise<void> {
  makeFolder(dirname(to))
  await copyFile(from, to)
  const copy = await open(to, 'r+')
  try {
    await copy.chmod(0o600)
    await copy.sync()
  } finally {
    await copy.close()
  }
}

/** Every file below `folder`, as paths relative to it with slashes; links are not followed. None if it is not there. */
export async function* filesBelow(folder: string, below: string = folder): AsyncGenerator<string> {
  const entries = await readdir(below, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  for (const entry of entries) {
    const path = join(below, entry.name)
    if (entry.isDirectory()) yield* filesBelow(folder, path)
    else if (entry.isFile()) yield relative(folder, path).split(sep).join('/')
  }
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Writes `lines` into a new file. */
export async function writeLines(file: string, lines: readonly string[]): Promise<void> {
  const made = await open(file, 'wx', 0o600)
  try {
    await made.writeFile(lines.map((line) => `${line}\n`).join(''))
    await made.sync()
  } finally {
    await made.close()
  }
}

/**
 * The list of a snapshot, line by line.
 *
 * @throws OrderlyError `ORDERLY_INPUT_INVALID` for a line that is none, or that leads out of the folder
 */
export async function* readSums(folder: string): AsyncGenerator<Sum> {
  const lines = createInterface({
    input: createReadStream(join(folder, SUMS)),
    crlfDelay: Infinity,
  })
  for await (const line of lines) {
    const [, sha256, path] = SUM.exec(line) ?? []
    if (
      sha256 === undefined ||
      path === undefined ||
      path.split('/').includes('..') ||
      path.startsWith('/')
    )
      throw new OrderlyError(
        'ORDERLY_INPUT_INVALID',
        `${SUMS} in ${folder} has a line that is no checksum of a file below it; take the snapshot from its copy`,
      )
    yield { sha256, path }
  }
}
