import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { figure, type BriefingFacts } from './facts.ts'
import { numbersIn, vagueIn } from './numbers.ts'
import { highlightsOf, refuseBriefing, writeBriefing } from './text.ts'

const FACTS: BriefingFacts = {
  company: 'Lakeside Optical Lab',
  day: '2026-03-02',
  currency: 'USD',
  figures: [
    figure(
      { key: 'orders', label: 'Orders', value: 42, unit: 'count', good: 'up' },
      [50, 52, 48, 50],
    ),
    figure({ key: 'revenue', label: 'Revenue', value: 12_345, unit: 'money', good: 'up' }, [
      9_000,
      9_100,
      null,
    ]),
    figure(
      { key: 'late', label: 'Late orders', value: 9, unit: 'count', good: 'down' },
      [3, 3, 3, 4],
    ),
    figure({ key: 'cycle', label: 'Days per order', value: 3.4, unit: 'days', good: 'down' }, [
      null,
    ]),
  ],
  notes: ['2 lens blanks run out this week'],
}

describe('briefings', () => {
  it('put first what went wrong most against the same weekday', () => {
    expect(highlightsOf(FACTS).map(({ text, tone }) => [tone, text])).toEqual([
      ['bad', 'Late orders: 9, 200% above the usual 3'],
      ['good', 'Revenue: $12,345, 36% above the usual $9,050'],
      ['bad', 'Orders: 42, 16% below the usual 50'],
    ])
  })
  it('accept their own text, for any facts', () => {
    expect(refuseBriefing(writeBriefing(FACTS), FACTS)).toBeNull()
    const figures = fc.array(
      fc
        .tuple(
          fc.integer({ min: 0, max: 2_000_000 }),
          fc.array(fc.integer({ min: 0, max: 2_000_000 }), { maxLength: 5 }),
          fc.constantFrom('count' as const, 'money' as const, 'days' as const, 'percent' as const),
        )
        .map(([value, past, unit]) =>
          figure({ key: 'k', label: 'Figure', value, unit, good: 'up' }, past),
        ),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(figures, (each) => {
        const facts = { ...FACTS, figures: each }
        expect(refuseBriefing(writeBriefing(facts), facts)).toBeNull()
      }),
    )
  })
  it.each([
    'Revenue was $12,345 and orders rose to 43.',
    'Revenue was about $12,300.',
    'Late orders have tripled.',
    'Forty orders came in.',
    'Revenue reached 12.4k.',
    'Orders: ٤٣',
    'Orders: ４３.',
    'Orders fell by 17%.',
    'You owe 1 000 000 dollars',
    'Dozens of orders are late.',
    'A third of the orders are late.',
    'Half of your orders are late.',
    'Twice as many orders as usual.',
    'Late orders doubled, and doubling is bad.',
    'Orders are up by a quarter.',
    'Revenue grew tenfold.',
    'Late orders quintupled.',
    'Hundreds of orders came in.',
    'A couple of orders are late.',
    'Several hundred orders are late.',
    'Only one order is late.',
    'A single order is late.',
    'None of them is late.',
    'Twenty-one orders are late.',
    'Three hundred and forty-two orders came in.',
    'Forty-\u200btwo and 4\u200b3 orders.',
    'Revenue passed a billion dollars.',
    'XII orders are late.',
    'Ⅻ orders are late.',
    'Fourty orders are late.',
    'Revenue was 42-thousand dollars.',
    'Revenue was 42 hundred dollars.',
    'Revenue was 42-million dollars.',
    'Revenue was 42bn.',
    'Revenue was $42b.',
    'Revenue was $42MM.',
    'Revenue was 42 trillion.',
    'Revenue passed a trillion dollars.',
    '四十二 orders came in.',
    'A twentieth of the orders are late.',
    'A gross of lenses came in.',
    'No orders are late.',
    'There are no late orders.',
    'All of your orders are late.',
    'Most orders are late.',
    'Every order is late.',
    'A majority of the orders are late.',
    'Nobody waits: nil orders are late.',
    'Both orders are late.',
    'Llegaron veinte pedidos.',
    'Llegaron veintidós pedidos.',
    'La mitad de los pedidos.',
    'Zweiundzwanzig Bestellungen kamen.',
    'Zwölf Bestellungen kamen.',
    'Vingt commandes.',
    'Trenta ordini.',
    'Vinte pedidos.',
    'Eenentwintig orders.',
  ])('refuse an invented number: %s', (text) => {
    expect(refuseBriefing(text, FACTS)).toMatch(/not among the facts/)
  })
  it.each([
    'On 2 March 2026 you took 42 orders, 16% below the usual 50; nine are late.',
    'Forty-two orders came in.',
    'Orders came once more than usual; due dates and the price in cents are on the next page.',
    'Revenue of twelve thousand three hundred and forty-five dollars.',
    'Revenue of $12,345 is 36% above usual. One thing to watch: 2 lens blanks run out.',
  ])('accept what the facts say: %s', (text) => {
    expect(refuseBriefing(text, FACTS)).toBeNull()
  })
  it('may say that there are none of what the facts count none of', () => {
    const none = figure(
      { key: 'late', label: 'Late orders', value: 0, unit: 'count', good: 'down' },
      [],
    )
    const quiet = { ...FACTS, figures: [FACTS.figures[0]!, none] }
    expect(refuseBriefing('No orders are late.', quiet)).toBeNull()
    expect(refuseBriefing('All orders are late.', quiet)).toMatch(/not among/)
  })
  it('take no digits of a product for a number', () => {
    const stocked = { ...FACTS, notes: ['PR-160 runs out'] }
    expect(refuseBriefing('PR-160 runs out; 42 orders came in.', stocked)).toBeNull()
    expect(refuseBriefing('160 orders came in.', stocked)).toMatch(/not among/)
    expect(refuseBriefing('PR-161 runs out.', stocked)).toMatch(/not among/)
  })
  it('refuse links, markup and what is too long', () => {
    expect(refuseBriefing('See https://example.com', FACTS)).toMatch(/link/)
    expect(refuseBriefing('<img src=x>', FACTS)).toMatch(/markup/)
    expect(refuseBriefing('a'.repeat(10_000), FACTS)).toMatch(/longer/)
    expect(refuseBriefing(' ', FACTS)).toMatch(/empty/)
  })
  it('never let a changed digit through', () => {
    const known = new Set(numbersIn(`${writeBriefing(FACTS)} 2026 3 2 9050 12345`))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999 }), (number) => {
        fc.pre(!known.has(number))
        expect(refuseBriefing(`Orders: ${number}`, FACTS)).not.toBeNull()
      }),
    )
  })
  it('take a word of an amount from the facts alone', () => {
    const named = { ...FACTS, company: 'Half Moon Optical', notes: ['a pair waits for its frame'] }
    expect(refuseBriefing('Half Moon Optical: a pair waits.', named)).toBeNull()
    expect(refuseBriefing('Half Moon Optical shipped a third.', named)).toMatch(/not among/)
    expect(refuseBriefing('Orders doubled at Half Moon Optical.', named)).toMatch(/not among/)
    expect(refuseBriefing(writeBriefing(named), named)).toBeNull()
  })
  it('read numbers however they are written', () => {
    expect(numbersIn('1,234.5 and 1.234.567, 7% of 3k, twelve')).toEqual([
      1234.5, 1234567, 7, 3000, 12,
    ])
    expect(
      numbersIn('twenty-one, two hundred and six, five thousand forty, 2 million, one thing'),
    ).toEqual([2_000_000, 21, 206, 5_040])
    expect(numbersIn('five, six and seven of one')).toEqual([5, 6, 7, 1])
    expect(vagueIn('dozens, a third, II and twice')).toEqual(['dozens', 'third', 'twice', 'ii'])
  })
})
