// A JSON file from the command line.
import { readFile, stat } from 'node:fs/promises'

const MOST_BYTES = 256 * 1024 * 1024

/** @throws Error with the code `FILE_NOT_READ`; its message quotes nothing of the file */
export async function readJsonFile(path: string): Promise<unknown> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw unread('there is no such file')
  if (found.size > MOST_BYTES) throw unread('the file is larger than 256 MB; split the bundle')
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    throw unread('the file is no JSON')
  }
}

function unread(message: string): Error {
  return Object.assign(new Error(message), { code: 'FILE_NOT_READ' })
}
