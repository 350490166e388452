// What packs and the program say, in the reader's language: their own sentences, which the server gives.
import { useMemo } from 'react'
import { useRead } from '../api/use.ts'
import { usePreferences } from './preferences.ts'
import { translatorOf, type Sentences, type Translate } from './translate.ts'

const AS_IT_IS: Translate = (text) => text
/** Dear to make, and the same for everybody who asks. */
const known = new WeakMap<object, Translate>()

/** @param pack whose words; null for the program's own, and those of packs beside them */
export function usePackWords(pack: string | null): Translate {
  const { language } = usePreferences()
  const isForeign = language !== 'en'
  const read = useRead('packs.words', { query: { language: 'es' } }, { enabled: isForeign })
  const data = read.data?.data
  return useMemo(() => {
    if (!isForeign || !data) return AS_IT_IS
    const own = data.find((each) => each.pack === pack)?.sentences
    if (pack !== null) return own ? wordsOf(own, () => own) : AS_IT_IS
    return wordsOf(data, () => Object.assign({}, ...data.map(({ sentences }) => sentences), own))
  }, [isForeign, data, pack])
}

function wordsOf(key: object, sentences: () => Sentences): Translate {
  let say = known.get(key)
  if (!say) known.set(key, (say = translatorOf(sentences(), true)))
  return say
}
