// The price files as the web has them: a mirror of a folder on this machine, which the pipeline scans and downloads from.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { registryDirectory, type PricesOptions } from '@orderly/prices'
import { startMirror, type Mirror, type MirrorHospital } from '@orderly/prices/mirror'

const FIXTURES = fileURLToPath(new URL('../../../packs/prices/fixtures/', import.meta.url))

/** @param folder the bundled files when undefined */
export async function openMirror(folder: string | undefined): Promise<Mirror> {
  if (folder !== undefined) return startMirror({ folder })
  const listed = await readFile(`${FIXTURES}hospitals.json`, 'utf8')
  const { hospitals } = JSON.parse(listed) as { hospitals: readonly MirrorHospital[] }
  return startMirror({ folder: `${FIXTURES}real`, hospitals })
}

export function optionsFor(mirror: Mirror): PricesOptions {
  return {
    directories: [registryDirectory(`${mirror.origin}/registry.json`)],
    connectTo: mirror.connectTo,
  }
}

export const BUNDLED = `${FIXTURES}real`
