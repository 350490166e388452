// Opens the object store that a URL names.
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OrderlyError } from '../primitives/errors.ts'
import { openFolderStore } from './folder-store.ts'
import type { ObjectStore } from './object-store.ts'

/**
 * @param url `file:some/folder`, or `s3://KEY:SECRET@host/bucket?region=…&endpoint=…`
 * @param home for what waits to be sent
 * @throws OrderlyError `ORDERLY_SETTING_INVALID` without repeating the URL, which may hold a secret
 */
export async function openObjects(url: string, home: string): Promise<ObjectStore> {
  if (url.startsWith('file:')) return openFolderStore(folderOf(url))
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const secret = parsed && decoded(parsed)
  const bucket = parsed?.pathname.replace(/^\/|\/$/g, '')
  if (parsed?.protocol !== 's3:' || !bucket || !parsed.hostname || !secret || bucket.includes('/'))
    throw new OrderlyError(
      'ORDERLY_SETTING_INVALID',
      'objectsUrl (ORDERLY_OBJECTS_URL) is file: and a folder, or s3://KEY:SECRET@host/bucket?region=REGION; special characters in the secret must be percent-encoded',
    )
  // The client is large: who keeps files in a folder never loads it.
  const { openS3Store } = await import('./s3-store.ts')
  const isAmazon = parsed.hostname.endsWith('.amazonaws.com')
  return openS3Store({
    bucket,
    region: parsed.searchParams.get('region') ?? 'us-east-1',
    endpoint:
      parsed.searchParams.get('endpoint') ?? (isAmazon ? undefined : `https://${parsed.host}`),
    credentials: secret.accessKeyId ? secret : undefined,
    waitingRoom: join(home, 'outgoing'),
    place: `s3://${parsed.host}/${bucket}`,
  })
}

function folderOf(url: string): string {
  return url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length))
}

function decoded({ username, password }: URL) {
  try {
    return {
      accessKeyId: decodeURIComponent(username),
      secretAccessKey: decodeURIComponent(password),
    }
  } catch {
    return undefined
  }
}
