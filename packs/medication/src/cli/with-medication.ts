// Opens the installation for one command, without workers.
import { createOrderly } from 'orderly'
import { medication, type MedicationPack } from '../pack.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }

export async function withMedication<T>(
  home: string | undefined,
  work: (pack: MedicationPack) => Promise<T>,
): Promise<T> {
  const pack = medication()
  const orderly = await createOrderly({
    packs: [pack],
    log: silent,
    ...(home === undefined ? {} : { home }),
  })
  try {
    return await work(pack)
  } finally {
    await orderly.close()
  }
}
