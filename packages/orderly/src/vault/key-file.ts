// The keyring on disk: readable by its owner alone, replaced in one step.
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { OrderlyError } from '../primitives/errors.ts'
import { makeFolder } from '../primitives/folder.ts'
import { formatKeyring, parseKeyring, type Keyring } from './keyring.ts'

const OTHERS = 0o077
const LARGEST_BYTES = 1024 * 1024

/**
 * Reads the keyring in `file`.
 *
 * @returns undefined when there is no such file
 * @throws OrderlyError `ORDERLY_KEYRING_INVALID` when others may read it or it is no keyring;
 *   `ORDERLY_KEY_UNAVAILABLE` when it cannot be read
 */
export function readKeyFile(file: string): Keyring | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(file, cause)
  }
  try {
    // The open file is asked, not its name: what is checked is what is read.
    const stat = fstatSync(descriptor)
    if (!stat.isFile() || stat.size > LARGEST_BYTES)
      throw new OrderlyError(
        'ORDERLY_KEYRING_INVALID',
        `${file} is no keyring file; check the path`,
      )
    if (process.platform !== 'win32' && (stat.mode & OTHERS) !== 0)
      throw new OrderlyError(
        'ORDERLY_KEYRING_INVALID',
        `the keyring ${file} can be read by others; run: chmod 600 ${file}`,
      )
    return parseKeyring(readFileSync(descriptor, 'utf8'), file)
  } catch (cause) {
    throw cause instanceof OrderlyError ? cause : unreadable(file, cause)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Writes `keyring` to `file` so that a crash leaves the old one or the new one, never half of it.
 *
 * @param fresh refuse to replace a file that is there
 * @throws OrderlyError `ORDERLY_KEYRING_INVALID` when `fresh` and there is one
 */
export function writeKeyFile(file: string, keyring: Keyring, fresh: boolean): void {
  makeFolder(dirname(file))
  if (fresh) {
    let descriptor: number
    try {
      descriptor = openSync(file, 'wx', 0o600)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
      throw new OrderlyError(
        'ORDERLY_KEYRING_INVALID',
        `there is a keyring in ${file} already; "orderly keys rotate" adds a key to it`,
      )
    }
    writeAndSync(descriptor, keyring)
    return
  }
  const next = `${file}.${process.pid}.next`
  writeAndSync(openSync(next, 'w', 0o600), keyring)
  renameSync(next, file)
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function writeAndSync(descriptor: number, keyring: Keyring): void {
  try {
    writeSync(descriptor, formatKeyring(keyring))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function unreadable(file: string, cause: unknown): OrderlyError {
  return new OrderlyError(
    'ORDERLY_KEY_UNAVAILABLE',
    `the keyring ${file} cannot be read; check that it is there and belongs to the user who runs this program`,
    { cause },
  )
}
