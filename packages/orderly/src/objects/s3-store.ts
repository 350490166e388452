// Objects in a bucket of S3, or of a server that speaks its protocol (MinIO, Ceph, R2).
import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3'
import { OrderlyError } from '../primitives/errors.ts'
import { makeFolder } from '../primitives/folder.ts'
import { tallied, verified, type Tally } from './digested.ts'
import {
  checkKey,
  checkOptions,
  DEFAULT_CONTENT_TYPE,
  type ObjectStore,
  type StoredObject,
} from './object-store.ts'

export interface S3Options {
  readonly bucket: string
  readonly region: string
  readonly endpoint: string | undefined
  /** Left out, the machine's own are used: variables, profile, role. */
  readonly credentials:
    { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
  /** Where bodies of unknown length wait until they are whole; the protocol wants length and digest first. */
  readonly waitingRoom: string
  readonly place: string
}

/** Above this a body goes up in parts, each of which can be sent again by itself. */
const IN_ONE = 16 * 1024 * 1024
const MOST_PARTS = 10_000
const ATTEMPTS = 4

export function openS3Store(options: S3Options): ObjectStore {
  const { bucket: Bucket, region, endpoint, credentials, waitingRoom, place } = options
  const client = new S3Client({
    region,
    maxAttempts: ATTEMPTS,
    // Other servers know no names of buckets in the host, and no digests in trailers.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })

  async function send(
    key: string,
    path: string,
    tally: Tally,
    described: Described,
  ): Promise<void> {
    const target = { Bucket, Key: key }
    const head = {
      ContentType: described.contentType,
      Metadata: { ...encoded(described.metadata), sha256: tally.sha256 },
    }
    const file = await open(path)
    try {
      if (tally.size <= IN_ONE) {
        const Body = await readPart(file, 0, tally.size)
        await client.send(new PutObjectCommand({ ...target, ...head, Body }))
        return
      }
      const partSize = Math.max(IN_ONE, Math.ceil(tally.size / MOST_PARTS))
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ ...target, ...head }),
      )
      try {
        const Parts: CompletedPart[] = []
        for (let at = 0, PartNumber = 1; at < tally.size; at += partSize, PartNumber++) {
          const Body = await readPart(file, at, Math.min(partSize, tally.size - at))
          const part = { ...target, UploadId, PartNumber, Body }
          Parts.push({ ETag: (await client.send(new UploadPartCommand(part))).ETag, PartNumber })
        }
        await client.send(
          new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
        )
      } catch (error) {
        // What was sent is paid for until it is given up.
        await client
          .send(new AbortMultipartUploadCommand({ ...target, UploadId }))
          .catch(() => undefined)
        throw error
      }
    } finally {
      await file.close()
    }
  }

  return {
    place,
    async put(key, body, given = {}) {
      checkKey(key)
      const described = checkOptions(given)
      const tally: Tally = { size: 0, sha256: '' }
      makeFolder(waitingRoom)
      const path = join(waitingRoom, `${randomBytes(8).toString('hex')}.part`)
      try {
        await pipeline(tallied(body, tally), createWriteStream(path, { mode: 0o600, flags: 'wx' }))
        await send(key, path, tally, described).catch(rethrow)
      } finally {
        await rm(path, { force: true })
      }
      return tally
    },
    async get(key) {
      checkKey(key)
      const found = await client
        .send(new GetObjectCommand({ Bucket, Key: key }))
        .catch(unlessMissing)
      if (!found?.Body) return undefined
      const object = describe(key, found)
      const body = found.Body as AsyncIterable<Uint8Array>
      return { ...object, body: object.sha256 === '' ? body : verified(body, object) }
    },
    async head(key) {
      checkKey(key)
      const found = await client
        .send(new HeadObjectCommand({ Bucket, Key: key }))
        .catch(unlessMissing)
      return found && describe(key, found)
    },
    async delete(key) {
      checkKey(key)
      await client.send(new DeleteObjectCommand({ Bucket, Key: key })).catch(unlessMissing)
    },
    async *list(prefix) {
      try {
        for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix }))
          for (const { Key = '', Size = 0 } of page.Contents ?? []) yield { key: Key, size: Size }
      } catch (error) {
        rethrow(error)
      }
    },
    close() {
      client.destroy()
      return Promise.resolve()
    },
  }
}

type Described = Pick<StoredObject, 'contentType' | 'metadata'>

async function readPart(
  file: Awaited<ReturnType<typeof open>>,
  at: number,
  length: number,
): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  if (length > 0) {
    const part = createReadStream('', {
      fd: file,
      start: at,
      end: at + length - 1,
      autoClose: false,
    })
    for await (const chunk of part) chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/** Headers hold ASCII only. */
function encoded(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name, encodeURIComponent(value)]),
  )
}

function describe(
  key: string,
  found: {
    ContentLength?: number | undefined
    ContentType?: string | undefined
    Metadata?: Record<string, string> | undefined
  },
): StoredObject {
  const { sha256 = '', ...metadata } = found.Metadata ?? {}
  return {
    key,
    size: found.ContentLength ?? 0,
    sha256,
    contentType: found.ContentType ?? DEFAULT_CONTENT_TYPE,
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([name, value]) => [name, decodeURIComponent(value)]),
    ),
  }
}

function unlessMissing(error: unknown): undefined {
  if (
    error instanceof S3ServiceException &&
    (error.name === 'NoSuchKey' ||
      (error.name === 'NotFound' && error.$metadata.httpStatusCode === 404))
  )
    return undefined
  rethrow(error)
}

function rethrow(error: unknown): never {
  const why = error instanceof S3ServiceException ? `it says ${error.name}` : 'it does not answer'
  throw new OrderlyError(
    'ORDERLY_OBJECTS_UNAVAILABLE',
    `the object store cannot be used: ${why}; check ORDERLY_OBJECTS_URL, its key and that the bucket is there`,
    { cause: error },
  )
}
