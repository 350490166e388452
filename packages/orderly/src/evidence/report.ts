// The page of a bundle that people read: plain HTML, no script, nothing from elsewhere.
import type { BundlePredicate, StoredRun } from './bundle.ts'

interface ShownRun {
  readonly job_id: string
  readonly job_type: string
  readonly run: number
  readonly outcome: string
  readonly ended_at: string
  readonly checks: readonly { readonly name: string; readonly passed: boolean }[]
  readonly validation_status: { readonly is_valid: boolean }
}

/** As many as a page is good for; all of them are in the statements. */
const MOST_SHOWN = 1_000

export function reportPage(predicate: BundlePredicate, runs: readonly StoredRun[]): string {
  const { period, type, invalid, source, madeAt } = predicate
  const rows = runs.slice(0, MOST_SHOWN).map(({ body }) => rowOf(JSON.parse(body) as ShownRun))
  const facts: readonly (readonly [string, string])[] = [
    [
      'Period',
      `${period.from ?? 'the beginning'} to ${period.to ?? 'now'} (UTC, the end excluded)`,
    ],
    ['Type', type ?? 'all'],
    ['Runs', String(predicate.runs)],
    ['Runs that are not valid', String(invalid)],
    ['Audit log', source.log],
    ['Release', source.release],
    ['Made', madeAt],
  ]
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Evidence of runs</title>
<h1>Evidence of runs</h1>
<p>This page proves nothing by itself: check the bundle with <code>orderly evidence verify</code>.</p>
<dl>${facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('')}</dl>
<table>
<thead><tr><th>Ended</th><th>Type</th><th>Job</th><th>Run</th><th>Outcome</th><th>Checks that did not hold</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
${runs.length > MOST_SHOWN ? `<p>${runs.length - MOST_SHOWN} more are in the statements.</p>\n` : ''}</html>
`
}

function rowOf(run: ShownRun): string {
  const failed = run.checks.filter(({ passed }) => !passed).map(({ name }) => name)
  const cells = [
    run.ended_at,
    run.job_type,
    run.job_id,
    String(run.run),
    run.validation_status.is_valid ? run.outcome : `${run.outcome}, not valid`,
    failed.join('; '),
  ]
  return `<tr>${cells.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign]!)
}
