// What the steps of a workflow are called: the kinds of its document, in words.
import type { Say } from '../app/texts.ts'

export const STEP_KIND_TEXTS = {
  'kind job': ['job', 'trabajo'],
  'kind branch': ['branch', 'rama'],
  'kind parallel': ['parallel', 'en paralelo'],
  'kind for-each': ['for-each', 'para cada'],
  'kind join': ['join', 'unión'],
  'kind wait': ['wait', 'espera'],
  'kind approval': ['approval', 'aprobación'],
  'kind delay': ['delay', 'demora'],
  'kind sub-workflow': ['sub-workflow', 'subflujo'],
  'kind compensate': ['compensate', 'compensación'],
} as const

/** The word for a kind of step; one that is not known is its own word. */
export function kindWord(kind: string, say: Say<typeof STEP_KIND_TEXTS>): string {
  const key = `kind ${kind}`
  return isText(key) ? say(key) : kind
}

function isText(key: string): key is keyof typeof STEP_KIND_TEXTS {
  return Object.hasOwn(STEP_KIND_TEXTS, key)
}
