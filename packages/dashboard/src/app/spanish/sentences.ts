// All that is known of the server's sentences in Spanish.
import { ACCESS_SENTENCES } from './access.ts'
import { WORK_SENTENCES } from './work.ts'
import { WORKFLOW_SENTENCES } from './workflows.ts'

export const SENTENCES: Readonly<Record<string, string>> = {
  ...ACCESS_SENTENCES,
  ...WORK_SENTENCES,
  ...WORKFLOW_SENTENCES,
}
