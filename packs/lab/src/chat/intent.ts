// Understands questions about a company's own orders and figures. What it does not understand it says so of.
import { STATUSES, type OrderStatus } from '../orders/status.ts'
import { spanOf } from './span.ts'

/** What can be asked. Arguments are days, codes and states; whose data it is, is never one of them. */
export type Intent =
  | { readonly tool: 'orders-on'; readonly from: string; readonly to: string }
  | { readonly tool: 'late-orders' }
  | { readonly tool: 'orders-in'; readonly status: OrderStatus }
  | { readonly tool: 'order-status'; readonly number: string }
  | { readonly tool: 'stock-of'; readonly sku: string }
  | { readonly tool: 'revenue'; readonly from: string; readonly to: string }

const NUMBER = /\bORD-\d{4}-\d{5}\b/i
/** `stock of PR-160`, and `PR-160 on hand`, where the code shows by its digit that it is one. */
const CODE = String.raw`[a-z\d](?:[\w.-]{0,38}\w)`
const SKUS = [
  new RegExp(
    String.raw`\b(?:stock|hand|shelf|left)\b.*?\b(?:of|for)\s+(?:(?:the|our|product|item)\s+)*(${CODE})`,
    'i',
  ),
  new RegExp(
    String.raw`\b(${CODE})(?:\s+is|\s+are)?(?:\s+in|\s+on)?(?:\s+the)?\s+(?:stock|hand|shelf|left)\b`,
    'i',
  ),
]
/** What stands where a code would and is none. */
const NO_CODE =
  /^(?:the|this|that|these|those|last|past|each|every|all|today|yesterday|now|us|me)$/i
/** These turn a question into one that no tool answers: it is not answered as if they were not there. */
const BEYOND =
  /\b(?:not|never|no|without|except|excluding|besides|only|than|versus|vs|compared?|average|mean|per|each|every|patients?|goals?|targets?|forecast|predict|why|who|whose)\b|n['’]t\b/i

/**
 * The intent of a question; null for what is not understood.
 *
 * @param today `YYYY-MM-DD`
 */
export function intentOf(message: string, today: string): Intent | null {
  const text = message.normalize('NFKC').slice(0, 1_000)
  const number = NUMBER.exec(text)?.[0]
  if (number !== undefined) return { tool: 'order-status', number: number.toUpperCase() }
  const ofOrders = /\borders?\b/i.test(text)
  const sku = ofOrders ? null : skuOf(text)
  if (sku !== null) return { tool: 'stock-of', sku }
  if (BEYOND.test(text)) return null
  const lower = text.toLowerCase()
  const span = spanOf(lower, today)
  if (span === null) return null
  const { isNamed, ...days } = span
  // How things stand is known of now alone.
  const isNow = !isNamed || (days.from === today && days.to === today && !/\d/.test(lower))
  if (/\b(?:late|overdue|behind(?! the))\b/.test(lower))
    return isNow ? { tool: 'late-orders' } : null
  if (/\b(?:revenue|sales|turnover|sold for)\b/.test(lower))
    return ofOrders || namesCode(lower) ? null : { tool: 'revenue', ...days }
  if (!ofOrders) return null
  const status = STATUSES.find((each) =>
    new RegExp(String.raw`\b${each.replace('_', '[ _]')}\b`).test(lower),
  )
  if (status === undefined) return { tool: 'orders-on', ...days }
  return isNamed ? null : { tool: 'orders-in', status }
}

function skuOf(text: string): string | null {
  const [of, before] = SKUS.map((shape) => shape.exec(text)?.[1])
  if (of !== undefined && !NO_CODE.test(of)) return of
  return before !== undefined && /\d/.test(before) ? before : null
}

/** Whether it is about one product, of which no tool tells the money. */
function namesCode(lower: string): boolean {
  return /\b(?:of|for)\s+(?:the\s+)?(?=[\w.-]*\d)(?!\d{4}-\d{2}-\d{2})(?=[\w.-]*[a-z])[\w.-]+/.test(
    lower,
  )
}
