// Says a sentence of one language in another, by its form: words that stand, and places for what is put in.

export type Sentences = Readonly<Record<string, string>>
export type Translate = (text: string) => string

const PLACE = /\{(\d)\}/g
/** What is put into a sentence may be a sentence itself, but not for ever. */
const DEEPEST = 3

/**
 * @param sentences another language, by English sentence; `{0}` is a place for what the server puts there
 * @param areLists a list of words is said word by word where it is no sentence itself
 */
export function translatorOf(sentences: Sentences, areLists = false): Translate {
  const patterns = Object.entries(sentences)
    .filter(([english]) => english.includes('{0}'))
    .map(([english, other]) => {
      const places = [...english.matchAll(PLACE)].map(([, place]) => place!)
      const literal = english.split(PLACE).filter((_, index) => index % 2 === 0)
      const pattern = new RegExp(`^${literal.map(escaped).join('(.*?)')}$`, 's')
      return { pattern, places, other, length: literal.join('').length }
    })
    // What says most of its own is the sentence that was meant.
    .toSorted((a, b) => b.length - a.length)
  const say = (text: string, depth: number): string => {
    if (Object.hasOwn(sentences, text)) return sentences[text]!
    if (depth === DEEPEST) return text
    for (const { pattern, places, other } of patterns) {
      const found = pattern.exec(text)
      if (!found) continue
      return other.replaceAll(PLACE, (_, place: string) =>
        say(found[places.indexOf(place) + 1] ?? '', depth + 1),
      )
    }
    if (!areLists || !text.includes(', ')) return text
    return text
      .split(', ')
      .map((word) => say(word, depth + 1))
      .join(', ')
  }
  return (text) => say(text, 0)
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
