// A schedule's times in words: what it says of itself, and cron in the reader's language.
import cronstrue from 'cronstrue'
import 'cronstrue/locales/es'

interface Spec {
  readonly crons?: readonly string[]
  readonly zone?: string
  readonly every?: number
  readonly at?: number
}

export function specOf(spec: unknown): Spec {
  return typeof spec === 'object' && spec !== null ? spec : {}
}

export function cronInWords(cron: string, language: string): string {
  try {
    return cronstrue.toString(cron, { locale: language, use24HourTimeFormat: true, verbose: false })
  } catch {
    return cron
  }
}

/** @param span how a length of time is written */
export function whenOf(
  spec: unknown,
  language: string,
  write: { span(ms: number): string; fullTime(at: number): string },
): string {
  const { crons, every, at } = specOf(spec)
  if (crons) return crons.map((cron) => cronInWords(cron, language)).join('; ')
  if (every !== undefined) return `⟳ ${write.span(every)}`
  return at === undefined ? '' : write.fullTime(at)
}
