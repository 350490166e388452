import { describe, expect, it } from 'vitest'
import { readSources } from '../sources.ts'

const PAGES = readSources('packages/dashboard/src').filter(
  ({ path }) => !/\.test\.tsx?$/.test(path),
)

/** A text in both languages, as tables of texts are written. */
const PAIR =
  /(?:^|[\s{])(?:'([^']+)'|([\w-]+)): \[\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`),\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`),?\s*\]/g

interface Text {
  readonly path: string
  readonly key: string
  readonly en: string
  readonly es: string
}

const TEXTS: readonly Text[] = PAGES.flatMap(({ path, text }) =>
  [...text.matchAll(PAIR)].map(([, quoted, plain, en, es]) => ({
    path,
    key: (quoted ?? plain)!,
    en: en!.slice(1, -1),
    es: es!.slice(1, -1),
  })),
)

/** What both languages write alike: names, units, a search. */
const ALIKE = /^(JSON Schema|PHI|state:\S+ queue:\S+ created:\S+)?[\d\s%·–…×:./()#-]*$/

const namesIn = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)/g)].map(([, name]) => name!).toSorted()

describe('the languages of the dashboard', () => {
  it('are found by this test, hundreds of texts', () => {
    expect(TEXTS.length).toBeGreaterThan(800)
  })

  it('say each text in both, with the same values in it', () => {
    const wrong = TEXTS.filter(
      ({ en, es }) =>
        en.trim() === '' ||
        es.trim() === '' ||
        [...new Set(namesIn(en))].join() !== [...new Set(namesIn(es))].join(),
    )
    expect(wrong).toEqual([])
  })

  it('leave no English where Spanish should stand', () => {
    const same = TEXTS.filter(
      ({ en, es }) =>
        en === es && en.includes(' ') && !ALIKE.test(en.replaceAll(/\{\w+\}/g, '').trim()),
    )
    expect(same).toEqual([])
    const english = TEXTS.filter(({ es }) =>
      /\b(the|this|with|without|which|nothing|your)\b/i.test(es),
    )
    expect(english).toEqual([])
  })

  it('leave no word of a page outside their tables', () => {
    const outside = PAGES.filter(({ path }) => path.endsWith('.tsx')).flatMap(({ path, text }) => [
      // Words between tags, and in what is read out or shown of an element.
      ...[...text.matchAll(/^\s*([A-Z][a-z]+(?: [a-z]+)*[.…]?)\s*$/gm)].map(
        ([, words]) => `${path}: ${words}`,
      ),
      ...[
        ...text.matchAll(
          /\b(?:title|label|placeholder|aria-label|description|alt)="([A-Za-z][a-z]+[^"]*)"/g,
        ),
      ].map(([, words]) => `${path}: ${words}`),
      ...[...text.matchAll(/>([A-Z][a-z]+(?: [a-z]+)+)</g)].map(([, words]) => `${path}: ${words}`),
    ])
    // The name of the house is the same everywhere.
    expect(outside.filter((words) => !words.endsWith(': Orderly'))).toEqual([])
  })
})
