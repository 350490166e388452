// Two checks of a price file by the rules of CMS: ours, and CMS's own.
import { createReadStream } from 'node:fs'
import { validateCsv } from '@cmsgov/hpt-validator'
import { checkCms } from '@orderly/prices'

export const checkWith = {
  orderly: async (path) => (await checkCms(path, { version: '3.0.0' })).verdict,
  'hpt-validator': async (path) => {
    const { valid } = await validateCsv(createReadStream(path, 'utf8'), '3.0.0')
    return valid ? 'valid' : 'invalid'
  },
}
