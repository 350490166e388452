// What is measured, written with its unit: spans as spans, shares as shares.
import { useRead } from '../../api/use.ts'
import { useFormats, type Formats } from '../../app/format.ts'

/** The unit in which a limit is given; where there is none it is a count. */
export const UNITS: Readonly<Record<string, string>> = {
  'queue.oldest': 's',
  'workers.lag': 'ms',
  'workers.memory': 'MiB',
  'jobs.failure-rate': '%',
}

export function amountOf(format: Formats, metric: string | undefined, value: number): string {
  switch (UNITS[metric ?? '']) {
    case 's':
      return format.span(value * 1_000)
    case 'ms':
      return format.span(value)
    case 'MiB':
      return format.bytes(value * 2 ** 20)
    case '%':
      return format.percent(value / 100)
    case undefined:
    default:
      return format.number(value)
  }
}

/** Writes what an alert has measured, by what its rule watches now. */
export function useAlertAmounts(): (rule: string, value: number) => string {
  const format = useFormats()
  const rules = useRead('alertRules.list', {})
  return (name, value) =>
    amountOf(format, rules.data?.data.find((rule) => rule.name === name)?.metric, value)
}

const MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** A span of the API, such as `20s`, in the reader's words. */
export function spanText(format: Formats, span: string): string {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(span) ?? []
  const ms = Number(count) * (MS[unit] ?? NaN)
  return Number.isNaN(ms) ? span : format.span(ms)
}
