// Ids made from content: the same thing has the same id in every run, on every machine, in any order of loading.
import { hash } from 'node:crypto'

/** 48 bits: exact as a number, and enough for millions of sources and versions. */
export function sourceId(name: string): number {
  return digest('source', name).readUIntBE(0, 6)
}

/**
 * A source that returns to an earlier content gets a new version, so what came before is part of the identity.
 */
export function versionId(source: number, contentDigest: string, previous: number | null): number {
  return digest('version', `${source}\0${contentDigest}\0${previous ?? ''}`).readUIntBE(0, 6)
}

/** What stands for an item's natural key in its index: 63 bits, since one large file alone can hold millions of items. */
export function keyHash(naturalKey: string): bigint {
  return digest('item', naturalKey).readBigUInt64BE(0) >> 1n
}

function digest(kind: string, text: string): Buffer {
  return hash('sha256', `${kind}\0${text}`, 'buffer')
}
