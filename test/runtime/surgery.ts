// Jobs whose handler, a module, does whatever their input says.
import { z } from 'zod'
import {
  defineJob,
  fixed,
  type JobDefinition,
  type JobSpec,
} from '../../packages/orderly/src/index.ts'
import { freshName } from './stores.ts'

const asked = z.looseObject({ do: z.string() })
type Asked = typeof asked
export type Surgery = JobDefinition<Asked, z.ZodAny>
export type SurgerySpec = Partial<JobSpec<Asked, z.ZodAny, string>>

export const SURGERY = new URL('./fixtures/surgery.mjs', import.meta.url)

export function surgery(more: SurgerySpec = {}): Surgery {
  return defineJob({
    name: freshName('surgery'),
    input: asked,
    output: z.any(),
    retry: { attempts: 2, backoff: fixed('1ms') },
    ...more,
  })
}
