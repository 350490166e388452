// Files from the command line: a bundle as JSON, a set of rules as CSV.
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { readPairs, type ReadSet } from '../interactions/read-set.ts'

const MOST_BYTES = 256 * 1024 * 1024

/** @throws Error with the code `FILE_NOT_READ`; its message quotes nothing of the file */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await textOf(path)
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw unread('the file is no JSON')
  }
}

/** @throws Error with the code `FILE_NOT_READ` */
export async function readRules(path: string): Promise<ReadSet> {
  const text = await textOf(path)
  try {
    return readPairs(text, { name: basename(path), version: 'file' })
  } catch (error) {
    if (error instanceof RangeError) throw unread(`the rules cannot be read: ${error.message}`)
    throw error
  }
}

async function textOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw unread('there is no such file')
  if (found.size > MOST_BYTES) throw unread('the file is larger than 256 MB; split the bundle')
  return readFile(path, 'utf8')
}

function unread(message: string): Error {
  return Object.assign(new Error(message), { code: 'FILE_NOT_READ' })
}
