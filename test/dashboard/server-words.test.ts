import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PERMISSIONS } from '../../packages/orderly/src/access/permissions.ts'
import { SENTENCES } from '../../packages/dashboard/src/app/spanish/sentences.ts'
import { translatorOf } from '../../packages/dashboard/src/app/translate.ts'
import { PERMISSION_TEXTS } from '../../packages/dashboard/src/pages/access/permission-words.ts'
import { readSources } from '../sources.ts'
import { literalsOf } from './literals.ts'

const SERVER = readSources('packages/orderly/src')
  .filter(({ path }) => !path.endsWith('.test.ts'))
  .map(({ path, text }) => ({ path, text, literals: literalsOf(text) }))

const say = translatorOf(SENTENCES)

describe('what the server says, in Spanish', () => {
  it('is known of sentences that the server still says, and of no others', () => {
    const said = new Set(SERVER.flatMap(({ literals }) => literals.map(({ text }) => text)))
    expect(Object.keys(SENTENCES).filter((sentence) => !said.has(sentence))).toEqual([])
  })

  it('is known of every refusal of the API and of who may come in', () => {
    // What a program is refused at its start is read by whoever starts it, in the language of its settings.
    const refused = SERVER.filter(({ path }) =>
      /\/(http|access)\/(?!route-guard)/.test(path),
    ).flatMap(({ path, text, literals }) =>
      literals.flatMap(({ at, text: code }, index) => {
        const next = literals[index + 1]
        const isThrown = /new (Orderly|Request)Error\(\s*$/.test(text.slice(0, at))
        if (!isThrown || !next || code === 'ORDERLY_SETTING_INVALID') return []
        const isMessage = /^\s*,\s*$/.test(text.slice(at + code.length + 2, next.at))
        return isMessage ? [{ path, sentence: next.text }] : []
      }),
    )
    expect(refused.length).toBeGreaterThan(80)
    expect(refused.filter(({ sentence }) => say(sentence) === sentence)).toEqual([])
  })

  it('is known of all that keeps the source of a workflow from being read', () => {
    const faults = SERVER.filter(({ path }) =>
      /\/workflow\/(read-literal|source)\.ts$/.test(path),
    ).flatMap(({ text, literals }) =>
      literals.flatMap(({ at, text: fault }) =>
        /(?:(?:#wrong|LiteralError)\(\s*(?:[^'"`)]*[?:]\s*)*|^ {2}[A-Z_]+: )$/m.test(
          text.slice(0, at).slice(-200),
        )
          ? [fault]
          : [],
      ),
    )
    expect(faults.length).toBeGreaterThan(20)
    expect(faults.filter((fault) => fault.includes(' ') && say(fault) === fault)).toEqual([])
  })

  it('says what every permission allows', () => {
    expect(
      Object.fromEntries(Object.entries(PERMISSION_TEXTS).map(([id, [english]]) => [id, english])),
    ).toEqual(PERMISSIONS)
  })

  it('puts what the server put in at its place, sentences within sentences too', () => {
    expect(say('there is no job of this id')).toBe('no hay ningún trabajo con ese id')
    expect(
      say(
        'this needs the permission "jobs:retry" on this queue; ask an administrator for a role that has it: operator',
      ),
    ).toBe(
      'esto necesita el permiso «jobs:retry» en esta cola; pida a un administrador una función que lo tenga: operator',
    )
    expect(
      say(
        'this schedule cannot be used: this is no cron expression: the minute "71" is not from 0 to 59; an example is "*/15 8-18 * * MON-FRI"',
      ),
    ).toBe(
      'este horario no sirve: no es una expresión cron: «71» (minuto) no está entre 0 y 59; un ejemplo es «*/15 8-18 * * MON-FRI»',
    )
    expect(say('Critical: dead-letters, lab.import-order')).toBe(
      'Crítica: dead-letters, lab.import-order',
    )
  })

  it('leaves what it does not know as the server said it', () => {
    for (const text of ['', 'the moon is full', 'toString', 'constructor'])
      expect(say(text)).toBe(text)
  })

  it('loses nothing of what was put in, whatever that is', () => {
    const open = Object.entries(SENTENCES).filter(([english]) => english.includes('{0}'))
    fc.assert(
      fc.property(fc.constantFrom(...open), fc.string({ minLength: 1 }), ([english], value) => {
        // A value that is a sentence itself is said in Spanish, and one with the words around it may be cut elsewhere.
        fc.pre(/^[\w $\\^]+$/.test(value) && !Object.hasOwn(SENTENCES, value))
        expect(say(english.replaceAll(/\{\d\}/g, () => value))).toContain(value)
      }),
    )
  })

  it('holds in both languages the same places', () => {
    const places = (text: string): string =>
      [...new Set([...text.matchAll(/\{\d\}/g)].map(String))].toSorted().join('')
    const uneven = Object.entries(SENTENCES).filter(
      ([english, spanish]) => places(english) !== places(spanish),
    )
    // Left out on purpose: what the reason is for is said by the field it belongs to.
    expect(uneven.map(([english]) => english)).toEqual([
      "say why {0}: { reason: '…' } of 1 to {1} characters",
    ])
  })
})
