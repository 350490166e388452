// Finds the files of a folder, and those that arrive in it.
import { watch } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Clock } from 'orderly'

export interface FoundFile {
  /** Its path under the folder, with `/` between names: what it is a delivery of. */
  readonly source: string
  readonly location: string
}

/** Every file below `folder`, in order of name. Hidden files and folders are passed over. */
export async function listFiles(folder: string): Promise<FoundFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: FoundFile[] = []
  for (const entry of entries) {
    const location = join(entry.parentPath, entry.name)
    const source = relative(folder, location).split(sep).join('/')
    if (source.split('/').some((name) => name.startsWith('.'))) continue
    if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(location))))
      found.push({ source, location })
  }
  return found.toSorted((a, b) => (a.source < b.source ? -1 : 1))
}

/** How often the folder is looked at even if the system reports nothing: reports can be missed. */
const LOOK_MS = 2_000
/** A file that has not grown for this long has arrived. */
const SETTLED_MS = 1_000

/**
 * Calls `onFile` for every file in `folder` and every one that arrives or changes, once it has stopped growing.
 * Ends when `signal` aborts.
 */
export async function watchInbox(
  folder: string,
  clock: Clock,
  signal: AbortSignal,
  onFile: (file: FoundFile) => Promise<void>,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const handed = new Map<string, string>()
  const seen = new Map<string, { print: string; since: number }>()
  let nudge = new AbortController()
  const watcher = watch(folder, { recursive: true, signal }, () => nudge.abort())
  // The looks below find whatever a broken watch would miss.
  watcher.on('error', () => {})
  while (!signal.aborted) {
    let growing = false
    for (const file of await listFiles(folder)) {
      const print = await fingerprint(file.location)
      if (print === undefined || handed.get(file.source) === print) continue
      const known = seen.get(file.source)
      if (known?.print !== print) {
        seen.set(file.source, { print, since: clock.now() })
        growing = true
      } else if (clock.now() - known.since < SETTLED_MS) {
        growing = true
      } else {
        await onFile(file)
        handed.set(file.source, print)
        seen.delete(file.source)
      }
    }
    await clock.sleep(growing ? SETTLED_MS / 2 : LOOK_MS, AbortSignal.any([signal, nudge.signal]))
    if (nudge.signal.aborted) nudge = new AbortController()
  }
}

async function fingerprint(location: string): Promise<string | undefined> {
  const found = await stat(location).catch(() => undefined)
  return found && `${found.size}/${found.mtimeMs}`
}

async function isFile(location: string): Promise<boolean> {
  return (await stat(location).catch(() => undefined))?.isFile() ?? false
}
