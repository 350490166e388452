// Makes folders, for their owner only, and gives them names of their own.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Makes a folder and those above it. Node's own recursive mkdir never returns where a file system refuses new folders
 * by pretending that their parent is missing, as /proc does.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process may have been faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** A name that this folder has for good and no other has, wherever it is mounted. */
export function identityOf(folder: string): string {
  makeFolder(folder)
  const file = join(folder, 'identity')
  try {
    // Another process may be faster; then its name holds.
    writeFileSync(file, randomBytes(8).toString('hex'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8').trim()
}
