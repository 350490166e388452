// What the server says, in the reader's language. It says it in English; each of its sentences is known here by its
// English form. What is not known stays as it was said.
import { useSyncExternalStore } from 'react'
import { useFormats } from './format.ts'
import { usePreferences } from './preferences.ts'
import { translatorOf, type Translate } from './translate.ts'

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z/g

let spanish: Translate | undefined
let asked: Promise<void> | undefined
const listeners = new Set<() => void>()

/** Spanish readers alone load what the server's sentences are in Spanish. */
function load(): void {
  asked ??= import('./spanish/sentences.ts')
    .then(({ SENTENCES }) => {
      spanish = translatorOf(SENTENCES)
      for (const listener of listeners) listener()
    })
    .catch(() => {
      asked = undefined
    })
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Says a text of the server's in the reader's language, and its times as the reader writes them. */
export function useServerWords(): Translate {
  const { language } = usePreferences()
  const format = useFormats()
  const known = useSyncExternalStore(subscribe, () => spanish)
  if (language === 'es') load()
  return (text) => {
    const said = language === 'es' && known ? known(text) : text
    return said.replaceAll(INSTANT, (instant) => format.fullTime(Date.parse(instant)))
  }
}
