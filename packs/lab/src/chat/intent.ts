// Understands questions about a company's own orders and figures. What it does not understand it says so of.
import { dayNumber, dayText } from '../forecast/series.ts'
import { STATUSES, type OrderStatus } from '../orders/status.ts'

/** What can be asked. Arguments are days, codes and states; whose data it is, is never one of them. */
export type Intent =
  | { readonly tool: 'orders-on'; readonly from: string; readonly to: string }
  | { readonly tool: 'late-orders' }
  | { readonly tool: 'orders-in'; readonly status: OrderStatus }
  | { readonly tool: 'order-status'; readonly number: string }
  | { readonly tool: 'stock-of'; readonly sku: string }
  | { readonly tool: 'revenue'; readonly from: string; readonly to: string }

const NUMBER = /\bORD-\d{4}-\d{5}\b/i
const SKU = /\b(?:stock|hand|left)\b.*?\b(?:of|for)\s+([\w.-]{2,40})/i
const DAY = /\b(\d{4}-\d{2}-\d{2})\b/g

/**
 * The intent of a question; null for what is not understood.
 *
 * @param today `YYYY-MM-DD`
 */
export function intentOf(message: string, today: string): Intent | null {
  const text = message.normalize('NFKC').slice(0, 1_000)
  const number = NUMBER.exec(text)?.[0]
  if (number !== undefined) return { tool: 'order-status', number: number.toUpperCase() }
  const lower = text.toLowerCase()
  const sku = SKU.exec(text)?.[1]
  if (sku !== undefined) return { tool: 'stock-of', sku }
  if (/\b(late|overdue|behind)\b/.test(lower)) return { tool: 'late-orders' }
  const span = spanOf(lower, today)
  if (/\b(revenue|sales|turnover|sold for)\b/.test(lower)) return { tool: 'revenue', ...span }
  if (/\borders?\b/.test(lower)) {
    const status = STATUSES.find(
      (each) => lower.includes(each.replace('_', ' ')) || lower.includes(each),
    )
    if (status !== undefined) return { tool: 'orders-in', status }
    return { tool: 'orders-on', ...span }
  }
  return null
}

/** The days a question is about; today where it names none. */
function spanOf(text: string, today: string): { from: string; to: string } {
  const days = [...text.matchAll(DAY)]
    .map(([day]) => day)
    .filter((day) => !Number.isNaN(Date.parse(day)))
  if (days.length >= 2) {
    const [from, to] = days.toSorted() as [string, string]
    return { from, to }
  }
  if (days.length === 1) return { from: days[0]!, to: days[0]! }
  const number = dayNumber(today)
  const back = (count: number): string => dayText(number - count)
  if (/\byesterday\b/.test(text)) return { from: back(1), to: back(1) }
  if (/\b(this|last|past) week\b|\b7 days\b/.test(text)) return { from: back(6), to: today }
  if (/\b(this|last|past) month\b|\b30 days\b/.test(text)) return { from: back(29), to: today }
  return { from: today, to: today }
}
