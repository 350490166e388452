// Everything a store holds, as bytes.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'

/** The bytes of every file under `folder`: databases with their WAL, logs, whatever is there. */
export function dumpFolder(folder: string): Buffer {
  const parts: Buffer[] = []
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry)
    if (statSync(path).isDirectory()) parts.push(dumpFolder(path))
    else if (statSync(path).isFile()) parts.push(readFileSync(path))
  }
  return Buffer.concat(parts)
}

/** Every key of a Redis server and all that is in it. */
export async function dumpRedis(port: number): Promise<Buffer> {
  const redis = new Redis(port, '127.0.0.1')
  const parts: unknown[] = []
  try {
    for (const key of await redis.keys('*')) {
      const type = await redis.type(key)
      parts.push(key, type)
      if (type === 'string') parts.push(await redis.get(key))
      else if (type === 'hash') parts.push(await redis.hgetall(key))
      else if (type === 'list') parts.push(await redis.lrange(key, 0, -1))
      else if (type === 'set') parts.push(await redis.smembers(key))
      else if (type === 'zset') parts.push(await redis.zrange(key, '0', '-1'))
      else if (type === 'stream') parts.push(await redis.xrange(key, '-', '+'))
      else throw new Error(`a Redis type this dump does not know: ${type}`)
    }
  } finally {
    redis.disconnect()
  }
  return Buffer.from(flatten(parts).join('\n'))
}

/** Every row of every table of a PostgreSQL database, as text. */
export async function dumpPostgres(url: string): Promise<Buffer> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const parts: string[] = []
  try {
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    )
    for (const { name } of rows) {
      const table = await client.query<{ row: string }>(`select t::text as row from ${name} t`)
      parts.push(name, ...table.rows.map(({ row }) => row))
    }
  } finally {
    await client.end()
  }
  return Buffer.from(parts.join('\n'))
}

/** Strings as they are: JSON would escape them once more. */
function flatten(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(flatten)
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(flatten)
  return [String(value)]
}
