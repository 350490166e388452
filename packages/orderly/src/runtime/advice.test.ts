import { expect, it } from 'vitest'
import { ERRORS } from '../primitives/errors.ts'
import { adviceFor } from './advice.ts'

it('has something to do for every code, and for those of others', () => {
  for (const code of [...Object.keys(ERRORS), 'E_OF_OTHERS', null])
    expect(adviceFor(code)).toMatch(/^[A-Z].+\.$/)
  expect(adviceFor('ORDERLY_QUARANTINED')).toContain('killed its workers')
  expect(adviceFor('ORDERLY_SHREDDED')).toContain('nobody can run it again')
})
