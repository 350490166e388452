// What a step is shown as: the sign of its kind, and what it does in a word or two.
import {
  IconArrowBackUp,
  IconArrowsJoin2,
  IconArrowsSplit2,
  IconBox,
  IconClock,
  IconGitBranch,
  IconHandStop,
  IconHelp,
  IconHourglass,
  IconRepeat,
  IconSitemap,
} from '../look/icons.ts'
import type { DesignNode } from './document.ts'

const SIGNS: Readonly<Record<string, typeof IconBox>> = {
  job: IconBox,
  'for-each': IconRepeat,
  branch: IconGitBranch,
  parallel: IconArrowsSplit2,
  join: IconArrowsJoin2,
  wait: IconHourglass,
  delay: IconClock,
  approval: IconHandStop,
  'sub-workflow': IconSitemap,
  compensate: IconArrowBackUp,
}

/** The sign of a kind of step; its name is always written beside it. */
export function StepSign({ kind, size = 14 }: { readonly kind: string; readonly size?: number }) {
  const Sign = SIGNS[kind] ?? IconHelp
  return <Sign size={size} stroke={1.75} aria-hidden className="step-sign" />
}

/** What a step does, in a word or two. */
export function detailOf(node: DesignNode): string {
  if (node.title) return node.title
  const { job, until, question, workflow, undoes } = node
  if (typeof question === 'string') return question
  if (typeof job === 'string') return job
  if (typeof workflow === 'string') return workflow
  if (typeof undoes === 'string') return undoes
  if (typeof node['for'] === 'string') return node['for']
  if (typeof until === 'object' && until !== null) return Object.entries(until)[0]?.join(': ') ?? ''
  return typeof node['wait'] === 'string' ? node['wait'] : ''
}
