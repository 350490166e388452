import { describe, expect, it } from 'vitest'
import { intentOf } from './intent.ts'

/** A Monday. */
const TODAY = '2026-03-02'
const days = (from: string, to = from) => ({ from, to })

describe('questions', () => {
  it.each([
    ['Tell me the stock of PR-160.', 'PR-160'],
    ['stock of the PR-160?', 'PR-160'],
    ['How much is left of 85123A', '85123A'],
    ['how many of PR-160 are left? stock of PR-160', 'PR-160'],
    ['PR-160 stock', 'PR-160'],
    ['How many PR-160 are on hand?', 'PR-160'],
    ['what is on the shelf for our v1.5', 'v1.5'],
  ])('are of the stock of a product: %s', (message, sku) => {
    expect(intentOf(message, TODAY)).toEqual({ tool: 'stock-of', sku })
  })
  it.each([
    ['revenue', days(TODAY)],
    ['revenue yesterday', days('2026-03-01')],
    ['revenue this week', days(TODAY)],
    ['revenue last week', days('2026-02-23', '2026-03-01')],
    ['revenue of the past week', days('2026-02-24', TODAY)],
    ['revenue in the last 14 days', days('2026-02-17', TODAY)],
    ['revenue this month', days('2026-03-01', TODAY)],
    ['sales last month', days('2026-02-01', '2026-02-28')],
    ['revenue in February', days('2026-02-01', '2026-02-28')],
    ['turnover in December', days('2025-12-01', '2025-12-31')],
    ['revenue in February 2024', days('2024-02-01', '2024-02-29')],
    ['revenue this year', days('2026-01-01', TODAY)],
    ['revenue last year', days('2025-01-01', '2025-12-31')],
    ['revenue since 2026-01-01', days('2026-01-01', TODAY)],
    ['revenue between 2026-02-01 and 2026-01-01', days('2026-01-01', '2026-02-01')],
    ['revenue from 2015-02-01 until 2019-07-01', days('2015-02-01', '2019-07-01')],
  ])('are of days: %s', (message, span) => {
    expect(intentOf(message, TODAY)).toEqual({ tool: 'revenue', ...span })
  })
  it.each([
    ['latest orders', { tool: 'orders-on', ...days(TODAY) }],
    ['which orders are late?', { tool: 'late-orders' }],
    ['late orders today', { tool: 'late-orders' }],
    ['orders on hold', { tool: 'orders-in', status: 'on_hold' }],
    ['Which orders are in production', { tool: 'orders-in', status: 'in_production' }],
    ['where is ord-2026-00017?', { tool: 'order-status', number: 'ORD-2026-00017' }],
  ])('are of orders: %s', (message, intent) => {
    expect(intentOf(message, TODAY)).toEqual(intent)
  })
  // Each of these was once answered as if it had asked for something else.
  it.each([
    'revenue this quarter',
    'orders tomorrow',
    'orders on Monday',
    'orders two weeks ago',
    'orders on March 1st',
    'revenue before 2026-02-01',
    'revenue until 2026-01-31',
    'revenue on 2026-02-31',
    'revenue last month and this month',
    'sales of PR-160',
    'What are our sales goals?',
    'revenue per order',
    'how many orders were cancelled yesterday',
    'which orders were late last week',
    'orders not shipped yet',
    "orders that aren't shipped",
    'orders for patient Smith',
    'who is behind the order?',
    'How many are left for yesterday?',
    'sing me a song',
  ])('are not answered with what they did not ask: %s', (message) => {
    expect(intentOf(message, TODAY)).toBeNull()
  })
})
