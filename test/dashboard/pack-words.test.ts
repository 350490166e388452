import { describe, expect, it } from 'vitest'
import { LAB_SPANISH } from '../../packs/lab/src/pages/spanish.ts'
import { MEDICATION_SPANISH } from '../../packs/medication/src/pages/spanish.ts'
import { PRICES_SPANISH } from '../../packs/prices/src/pages/spanish.ts'
import { CLINIC_SPANISH } from '../../packages/orderly/src/cli/demo/spanish.ts'
import { translatorOf } from '../../packages/dashboard/src/app/translate.ts'
import { readSources } from '../sources.ts'
import { literalsOf } from './literals.ts'

const WORDS = [
  { of: 'packs/lab/src', shown: /\/pages\//, spanish: LAB_SPANISH },
  {
    of: 'packs/medication/src',
    shown: /\/pages\/|\/actions\.ts$|\/fhir\/issue\.ts$/,
    spanish: MEDICATION_SPANISH,
  },
  {
    of: 'packs/prices/src',
    shown: /\/pages\/|\/pages\.ts$|\/import\/details\.ts$/,
    // What a page says of a file comes from whatever has read, fetched or judged it.
    sentences: /\/(read|shape|web|file-download|scan|update)\/|\/validate\/(rules|handler)\.ts$/,
    spanish: PRICES_SPANISH,
  },
  { of: 'packages/orderly/src/cli/demo', shown: /\/clinic\.ts$/, spanish: CLINIC_SPANISH },
  { of: 'packs/prices/src', shown: /src\/workflow\.ts$/, spanish: PRICES_SPANISH },
] as const

/** Not for the eye: SQL, codes, what goes to the audit log, what is revealed, names that are alike in both languages. */
const NOT_SAID =
  /^(ORDERLY_CONFLICT|SHA-256|USD|CCN|NPI|PHI|is not|is ahead|1 = 1|case when .*|lower\(.*|.* as publication|dose \{0\}|preferences set|order held|hold ended|stock counted|dose taken as needed|\{0\} KB|npx orderly .*)$/
const NO_PAGES = /\/(reveal|spanish[-a-z]*)\.ts$/
/** Told to those who ask for a scan, or beneath a finding. */
const NOT_ON_PAGES =
  /^(The answer is longer than|More than one row in a hundred|No such hospital is known here)/

/** What somebody reads: it has a space or a capital, or a tone stands behind it. */
function readableOf(source: string): string[] {
  return literalsOf(source).flatMap(({ at, text }) => {
    const behind = source.slice(at + text.length + 2, at + text.length + 14)
    const isRead =
      / /.test(text) || /^[A-Z]/.test(text) || /^,\s*'(good|bad|warning|neutral)'/.test(behind)
    const hasWords = /\p{L}{2}/u.test(text.replaceAll(/\{\d\}/g, ''))
    const isSql = /^\s*(select|and|or) |order by/.test(text)
    return isRead && hasWords && !isSql && !NOT_SAID.test(text) ? [text] : []
  })
}

describe.each(WORDS)('the words of $of in Spanish', ({ of, shown, spanish, ...more }) => {
  const sources = readSources(of).filter(
    ({ path }) => !path.endsWith('.test.ts') && !NO_PAGES.test(path),
  )
  const pages = sources.filter(({ path }) => shown.test(path))

  it('are there for all that its pages say', () => {
    const read = pages.flatMap(({ path, text }) =>
      (/\/(clinic|workflow)\.ts$/.test(path)
        ? [...text.matchAll(/(?:title|description|question|by):\s+'((?!steps\.)[^']+)'/g)].map(
            (m) => m[1]!,
          )
        : readableOf(text)
      ).map((sentence) => ({ path, sentence })),
    )
    if ('sentences' in more)
      for (const { path, text } of sources.filter(({ path }) => more.sentences.test(path)))
        for (const { text: sentence } of literalsOf(text))
          if (/^[A-Z][^{]* .*\.$/.test(sentence) && !NOT_ON_PAGES.test(sentence))
            read.push({ path, sentence })
    const say = translatorOf(spanish)
    const missing = read.filter(
      ({ sentence }) => !Object.hasOwn(spanish, sentence) && say(sentence) === sentence,
    )
    expect(missing).toEqual([])
    expect(read.length).toBeGreaterThan(4)
  })

  it('are those of sentences that it still says', () => {
    const said = new Set(sources.flatMap(({ text }) => literalsOf(text).map((each) => each.text)))
    const codes = new Set([...said].map((text) => text.toLowerCase().replaceAll(/[-_]/g, ' ')))
    const stale = Object.keys(spanish).filter(
      (sentence) => !said.has(sentence) && !codes.has(sentence.toLowerCase()),
    )
    expect(stale).toEqual([])
  })

  it('hold what is put in at the same places, and differ from the English', () => {
    const places = (text: string): string => [...text.matchAll(/\{\d\}/g)].toSorted().join('')
    for (const [english, other] of Object.entries(spanish)) {
      expect(places(other), english).toBe(places(english))
      expect(other.trim(), english).not.toBe('')
      if (english.includes(' ')) expect(other).not.toBe(english)
    }
  })
})

it('says a list word by word, within a sentence too, and leaves a name in it as it is', () => {
  const say = translatorOf(PRICES_SPANISH, true)
  expect(say('gross, inpatient')).toBe('bruto, con ingreso')
  expect(say('Median of each hospital (dollars): gross, Blue Cross')).toBe(
    'Mediana de cada hospital (dólares): bruto, Blue Cross',
  )
})
