// The words of the pages: what orders, mails, news and documents are, each with how bad that is.
import type { PageLink, PageTone } from 'orderly'
import type { OrderStatus } from '../orders/status.ts'
import type { LimsNewsRow, MailState } from '../store/tables.ts'

type Word = readonly [text: string, tone: PageTone]

export const STATUS_WORDS: Readonly<Record<OrderStatus, Word>> = {
  pending: ['new', 'neutral'],
  in_production: ['in production', 'neutral'],
  quality_check: ['in quality check', 'neutral'],
  on_hold: ['on hold', 'warning'],
  shipped: ['shipped', 'good'],
  delivered: ['delivered', 'good'],
  completed: ['completed', 'good'],
  cancelled: ['cancelled', 'neutral'],
}

export const MAIL_WORDS: Readonly<Record<MailState, Word>> = {
  waiting: ['tried again later', 'warning'],
  sending: ['on its way', 'neutral'],
  ending: ['being handed over', 'neutral'],
  sent: ['sent', 'good'],
  refused: ['not sent', 'bad'],
  suppressed: ['not wanted', 'neutral'],
  unsure: ['sent or not: look', 'bad'],
}

export const NEWS_WORDS: Readonly<Record<LimsNewsRow['state'], Word>> = {
  taken: ['order moved', 'good'],
  same: ['known already', 'neutral'],
  refused: ['ignored', 'neutral'],
  quarantined: ['set aside for a person', 'bad'],
}

export function badgeOf<Code extends string>(
  words: Readonly<Record<Code, Word>>,
  code: Code,
): PageLink {
  const [text, tone] = words[code] ?? [code, 'neutral']
  return { text, tone }
}

/** A code as words: `order-confirmation` is `Order confirmation`. */
export function said(code: string): string {
  const words = code.replaceAll(/[-_]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function kilobytes(bytes: number): string {
  return `${Math.max(1, Math.round(bytes / 1_024))} KB`
}
