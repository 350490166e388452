// Finds what is worth knowing in the figures of two periods, each with its evidence, its size and how sure it is.

export type Area = 'revenue' | 'inventory' | 'patient-care' | 'operations'

export interface OrderFact {
  readonly partner: string
  readonly product: string
  /** Cents. */
  readonly revenue: number
  /** Days from the order to the end; null while it is open. */
  readonly days: number | null
  readonly remakes: number
}

export interface StockFact {
  readonly sku: string
  readonly onHand: number
  /** Pieces that go in thirty days. */
  readonly monthly: number
}

export interface InsightFacts {
  readonly current: readonly OrderFact[]
  readonly previous: readonly OrderFact[]
  readonly stock: readonly StockFact[]
  /** Patients seen in the period, and how many of them had been seen in the year before. */
  readonly patients: {
    readonly seen: number
    readonly returning: number
    readonly seenBefore: number
    readonly returningBefore: number
  }
}

export interface Insight {
  readonly rule: string
  readonly area: Area
  readonly title: string
  readonly action: string
  /** How large it is: a share, a ratio, a number of standard errors; and what of. */
  readonly effect: { readonly kind: 'share' | 'change' | 'standard-errors'; readonly value: number }
  readonly confidence: 'high' | 'medium'
  /** Rows anybody can check it by. */
  readonly evidence: readonly (readonly [what: string, value: number])[]
  /** To rank by: more is more. */
  readonly impact: number
}

/** With fewer, chance alone looks like news. */
const LEAST = 20
const MOST_INSIGHTS = 10

/** The insights of an area, those that matter most first. */
export function findInsights(area: Area, facts: InsightFacts): Insight[] {
  return RULES.filter((rule) => rule.area === area)
    .flatMap((rule) => rule.find(facts).map((found) => ({ ...found, rule: rule.name, area })))
    .toSorted((one, other) => other.impact - one.impact)
    .slice(0, MOST_INSIGHTS)
}

interface Rule {
  readonly name: string
  readonly area: Area
  find(facts: InsightFacts): Omit<Insight, 'rule' | 'area'>[]
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
const percent = (value: number): number => Math.round(value * 100)

function by<Key extends 'partner' | 'product'>(
  orders: readonly OrderFact[],
  key: Key,
): Map<string, number> {
  const totals = new Map<string, number>()
  for (const order of orders) totals.set(order[key], (totals.get(order[key]) ?? 0) + order.revenue)
  return totals
}

/** How many standard errors two shares are apart (two-proportion z). */
export function proportionZ(hits: number, n: number, hitsBefore: number, nBefore: number): number {
  if (n === 0 || nBefore === 0) return 0
  const pooled = (hits + hitsBefore) / (n + nBefore)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / nBefore))
  return error === 0 ? 0 : (hits / n - hitsBefore / nBefore) / error
}

/** How many standard errors two means are apart (Welch). */
export function meansZ(now: readonly number[], before: readonly number[]): number {
  if (now.length < 2 || before.length < 2) return 0
  const [a, b] = [now, before].map((values) => {
    const average = sum(values) / values.length
    const variance = sum(values.map((value) => (value - average) ** 2)) / (values.length - 1)
    return { average, error: variance / values.length }
  }) as [{ average: number; error: number }, { average: number; error: number }]
  const error = Math.sqrt(a.error + b.error)
  return error === 0 ? 0 : (a.average - b.average) / error
}

const SURE = 3
const LIKELY = 2
const sure = (z: number): 'high' | 'medium' => (Math.abs(z) >= SURE ? 'high' : 'medium')

const RULES: readonly Rule[] = [
  {
    name: 'revenue-mix-shift',
    area: 'revenue',
    find({ current, previous }) {
      if (current.length < LEAST || previous.length < LEAST) return []
      const [now, before] = [by(current, 'product'), by(previous, 'product')]
      const [total, totalBefore] = [sum([...now.values()]), sum([...before.values()])]
      return [...new Set([...now.keys(), ...before.keys()])].flatMap((product) => {
        const [is, was] = [
          share(now.get(product) ?? 0, total),
          share(before.get(product) ?? 0, totalBefore),
        ]
        if (Math.abs(is - was) < 0.1) return []
        return [
          {
            title: `${product} went from ${percent(was)}% to ${percent(is)}% of revenue`,
            action:
              is > was
                ? 'Check that stock and capacity follow.'
                : 'Ask the partners who ordered it before.',
            effect: { kind: 'share', value: is - was } as const,
            confidence: 'medium' as const,
            evidence: [
              ['revenue now', (now.get(product) ?? 0) / 100],
              ['revenue before', (before.get(product) ?? 0) / 100],
            ] as const,
            impact: Math.abs(is - was) * total,
          },
        ]
      })
    },
  },
  {
    name: 'order-value',
    area: 'revenue',
    find({ current, previous }) {
      if (current.length < LEAST || previous.length < LEAST) return []
      const [now, before] = [current, previous].map((orders) =>
        orders.map(({ revenue }) => revenue),
      ) as [number[], number[]]
      const z = meansZ(now, before)
      const [is, was] = [sum(now) / now.length, sum(before) / before.length]
      if (Math.abs(z) < LIKELY || was === 0) return []
      return [
        {
          title: `An order brings ${percent(Math.abs(is / was - 1))}% ${is > was ? 'more' : 'less'} than before`,
          action:
            is > was
              ? 'See which products did it, and offer them elsewhere.'
              : 'Look at discounts and at what is no longer ordered.',
          effect: { kind: 'standard-errors', value: z },
          confidence: sure(z),
          evidence: [
            ['mean order now', is / 100],
            ['mean order before', was / 100],
            ['orders now', now.length],
          ],
          impact: Math.abs(is - was) * now.length,
        },
      ]
    },
  },
  {
    name: 'partner-concentration',
    area: 'revenue',
    find({ current }) {
      if (current.length < LEAST) return []
      const totals = [...by(current, 'partner')].toSorted(([, one], [, other]) => other - one)
      const total = sum(totals.map(([, value]) => value))
      const [top, revenue] = totals[0]!
      const part = share(revenue, total)
      if (part < 0.4) return []
      return [
        {
          title: `${top} brings ${percent(part)}% of revenue`,
          action: 'Win a second partner of this size before this one can leave.',
          effect: { kind: 'share', value: part },
          confidence: 'high',
          evidence: totals.slice(0, 3).map(([partner, value]) => [partner, value / 100] as const),
          impact: part * total,
        },
      ]
    },
  },
  {
    name: 'idle-stock',
    area: 'inventory',
    find({ stock }) {
      return stock.flatMap(({ sku, onHand, monthly }) => {
        const months = monthly <= 0 ? Infinity : onHand / monthly
        if (onHand < 10 || months < 6) return []
        return [
          {
            title: `${sku} lies for ${months === Infinity ? 'longer than anybody can say' : `${Math.round(months)} months`}`,
            action: 'Order none; return it or sell it off.',
            effect: { kind: 'change', value: Math.min(months, 99) } as const,
            confidence: 'high' as const,
            evidence: [
              ['on hand', onHand],
              ['goes in a month', monthly],
            ] as const,
            impact: onHand * Math.min(months, 99),
          },
        ]
      })
    },
  },
  {
    name: 'few-products-most-pieces',
    area: 'inventory',
    find({ stock }) {
      const moving = stock
        .filter(({ monthly }) => monthly > 0)
        .toSorted((one, other) => other.monthly - one.monthly)
      const total = sum(moving.map(({ monthly }) => monthly))
      if (moving.length < 10 || total === 0) return []
      let seen = 0
      const few = moving.filter(({ monthly }) => {
        const isOf = seen < 0.8 * total
        seen += monthly
        return isOf
      })
      if (few.length > moving.length / 3) return []
      return [
        {
          title: `${few.length} of ${moving.length} products are 80% of all pieces`,
          action: 'Count these each week, and the others each quarter.',
          effect: { kind: 'share', value: few.length / moving.length },
          confidence: 'high',
          evidence: few.slice(0, 5).map(({ sku, monthly }) => [sku, monthly] as const),
          impact: total,
        },
      ]
    },
  },
  {
    name: 'returning-patients',
    area: 'patient-care',
    find({ patients: { seen, returning, seenBefore, returningBefore } }) {
      if (seen < LEAST || seenBefore < LEAST) return []
      const z = proportionZ(returning, seen, returningBefore, seenBefore)
      if (Math.abs(z) < LIKELY) return []
      return [
        {
          title: `${percent(returning / seen)}% of patients had been here before, ${percent(returningBefore / seenBefore)}% in the period before`,
          action:
            z > 0
              ? 'Keep reminding them.'
              : 'Look at how patients are reminded of their next visit.',
          effect: { kind: 'standard-errors', value: z },
          confidence: sure(z),
          evidence: [
            ['seen', seen],
            ['returning', returning],
          ],
          impact: Math.abs(z) * seen,
        },
      ]
    },
  },
  {
    name: 'cycle-time',
    area: 'operations',
    find({ current, previous }) {
      const days = (orders: readonly OrderFact[]): number[] =>
        orders.flatMap((order) => (order.days === null ? [] : [order.days]))
      const [now, before] = [days(current), days(previous)]
      if (now.length < LEAST || before.length < LEAST) return []
      const z = meansZ(now, before)
      const [is, was] = [sum(now) / now.length, sum(before) / before.length]
      if (Math.abs(z) < LIKELY || Math.abs(is - was) < 0.25) return []
      return [
        {
          title: `An order takes ${is.toFixed(1)} days, ${was.toFixed(1)} before`,
          action: is > was ? 'Find the step where orders wait.' : 'Promise the shorter time.',
          effect: { kind: 'standard-errors', value: z },
          confidence: sure(z),
          evidence: [
            ['mean days now', is],
            ['mean days before', was],
            ['orders now', now.length],
          ],
          impact: Math.abs(is - was) * now.length,
        },
      ]
    },
  },
  {
    name: 'remake-rate',
    area: 'operations',
    find({ current, previous }) {
      if (current.length < LEAST || previous.length < LEAST) return []
      const count = (orders: readonly OrderFact[]): number =>
        orders.filter(({ remakes }) => remakes > 0).length
      const [is, was] = [count(current), count(previous)]
      const z = proportionZ(is, current.length, was, previous.length)
      if (Math.abs(z) < LIKELY) return []
      return [
        {
          title: `${percent(is / current.length)}% of orders were made again, ${percent(was / previous.length)}% before`,
          action:
            z > 0
              ? 'Look at the failed checks by machine and by material.'
              : 'Write down what was changed.',
          effect: { kind: 'standard-errors', value: z },
          confidence: sure(z),
          evidence: [
            ['made again', is],
            ['orders', current.length],
          ],
          impact: Math.abs(z) * current.length,
        },
      ]
    },
  },
]
