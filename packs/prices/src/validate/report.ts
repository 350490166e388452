// A quality report: what a version of a price file is worth, as data that every form of the report is made from.
import type { Completeness, Change } from './price-checks.ts'
import type { RuleCount } from './findings.ts'

export interface QualityReport {
  readonly format: 'orderly.price-report/1'
  readonly source: string
  readonly hospital: string | null
  readonly versionId: number
  readonly validFrom: string | null
  readonly checkedAt: string
  readonly fileFormat: string | null
  readonly cms: {
    readonly verdict: 'valid' | 'invalid' | 'not-cms'
    readonly layout: string | null
    readonly version: string | null
    readonly rows: number
  } | null
  /** 0 to 100. */
  readonly score: number
  readonly publication: 'published' | 'held'
  readonly reasons: readonly string[]
  readonly completeness: Completeness
  readonly change: Change
  readonly rowsRead: number
  readonly rowsQuarantined: number
  /** Price cells of good rows that hold something, but no price. */
  readonly valuesLeftOut: number
  readonly findings: readonly RuleCount[]
}

const WEIGHTS = { error: 1, alert: 0.25, warning: 0.25 } as const

/** 100 less what the findings weigh against the prices: as many errors as prices, or more, leave nothing. */
export function scoreOf(findings: readonly RuleCount[], prices: number): number {
  const weight = findings.reduce((sum, { severity, count }) => sum + WEIGHTS[severity] * count, 0)
  return Math.round(1_000 * Math.max(0, 1 - weight / Math.max(1, prices))) / 10
}

/** A page of its own: no script, no request, and nothing of the file but counts and places. */
export function htmlOf(report: QualityReport): string {
  const rows = report.findings
    .map(
      ({ rule, severity, title, count, samples }) =>
        `<tr class="${severity}"><td><code>${escape(rule)}</code></td><td>${severity}</td>` +
        `<td class="n">${count.toLocaleString('en-US')}</td><td class="what">${escape(title)}</td>` +
        `<td>${samples
          .slice(0, 5)
          .map(({ cell }) => escape(cell))
          .join('<br>')}</td></tr>`,
    )
    .join('\n')
  const facts = factsOf(report)
    .map(([label, value]) => `<dt>${escape(label)}</dt><dd>${escape(value)}</dd>`)
    .join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Price file report: ${escape(report.hospital ?? report.source)}</title>
<style>
:root { color-scheme: light dark; --ink: light-dark(#1b1f24, #e6edf3); --quiet: light-dark(#57606a, #9dabb8); --line: light-dark(#d0d7de, #36424e); --bad: light-dark(#b42318, #ff9d94); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: light-dark(#fff, #12181f); }
dl { display: grid; grid-template-columns: fit-content(42%) 1fr; gap: .3rem 1rem; }
dt { color: var(--quiet); } dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.box { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--quiet); } .what { min-width: 12rem; }
.n { text-align: right; font-variant-numeric: tabular-nums; } .error td:nth-child(2) { color: var(--bad); font-weight: 600; }
</style></head><body>
<h1>Price file report</h1>
<dl>
${facts}
</dl>
<h2>Findings</h2>
${
  rows === ''
    ? '<p>Nothing was found.</p>'
    : `<div class="box" tabindex="0"><table><thead><tr><th>rule</th><th>severity</th><th class="n">count</th><th>what it says</th><th>where first</th></tr></thead><tbody>
${rows}
</tbody></table></div>`
}
</body></html>
`
}

/** What stands at the head of a report. */
export function factsOf(report: QualityReport): readonly (readonly [string, string])[] {
  const { cms, completeness: have, change } = report
  const percent = (share: number): string => `${Math.round(share * 100)} %`
  return [
    ['Hospital', report.hospital ?? 'not named'],
    ['File', report.source],
    ['Valid from', report.validFrom ?? 'not said'],
    ['Checked', `${report.checkedAt.slice(0, 16).replace('T', ' ')} UTC`],
    ['Rules of CMS', cms === null ? 'not checked: the file is no longer there' : verdictOf(cms)],
    ['Score', `${report.score} of 100`],
    ['Published', report.publication === 'published' ? 'yes' : `held: ${report.reasons.join(' ')}`],
    ['Rows', `${report.rowsRead.toLocaleString('en-US')} read, ${report.rowsQuarantined.toLocaleString('en-US')} set aside; ${report.valuesLeftOut.toLocaleString('en-US')} price cells without a price left out`],
    ['Prices', `${have.prices.toLocaleString('en-US')}, of ${have.items.toLocaleString('en-US')} items`],
    ['Items with', `a description ${percent(have.description)}, a national code ${percent(have.nationalCode)}, a setting ${percent(have.setting)}, a gross charge ${percent(have.gross)}, a cash price ${percent(have.cash)}, a negotiated price ${percent(have.negotiated)}`],
    ['Against the version before', change.before === 0 ? 'this is the first' : `${change.before.toLocaleString('en-US')} prices before, ${change.now.toLocaleString('en-US')} now; ${change.compared.toLocaleString('en-US')} changed, ${change.jumps.toLocaleString('en-US')} of them tenfold`],
  ] // prettier-ignore
}

function verdictOf({ verdict, layout, version, rows }: NonNullable<QualityReport['cms']>): string {
  if (verdict === 'not-cms') return 'the file is in none of its layouts'
  return `${verdict} as ${layout} ${version}, ${rows.toLocaleString('en-US')} rows`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
