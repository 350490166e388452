// Two checks of a price file by the rules of CMS: ours, and CMS's own.
import { createReadStream } from 'node:fs'
import { validateCsv, validateJson } from '@cmsgov/hpt-validator'
import { checkCms } from '@orderly/prices'

export const checkWith = {
  orderly: async (path) => (await checkCms(path, { version: '3.0.0' })).verdict,
  'hpt-validator': async (path) => {
    const validate = path.endsWith('.json') ? validateJson : validateCsv
    const { valid } = await validate(createReadStream(path, 'utf8'), '3.0.0')
    return valid ? 'valid' : 'invalid'
  },
}
