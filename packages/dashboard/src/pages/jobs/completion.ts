// What a search can go on with, as the server knows it: keys, declared paths, and the values there are with their number.
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { call, type AnswerOf } from '../../api/call.ts'
import { namesInput } from './names-input.ts'

export interface Completion {
  /** Where in the search it begins. */
  readonly from: number
  readonly option: string
  readonly about: string
  readonly count: number | null
}

/** Conditions on measures have no values to list; these are usual. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  created: ['-15m', '-1h', '-24h', '-7d'],
  duration: ['>1s', '>10s', '>1m', '<100ms'],
  attempt: ['>1', '>2'],
}

const DEBOUNCE_MS = 120
const NONE: readonly Completion[] = []

/** @param text the search up to the cursor */
export function useCompletion(text: string, isOpen: boolean): readonly Completion[] {
  const [asked] = useDebouncedValue(text, DEBOUNCE_MS)
  const { data } = useQuery<AnswerOf<'search.complete'>>({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => call('search.complete', { body: { text: asked } }, { signal }),
    enabled: isOpen,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
    // What may hold a value of a patient is not kept once it is passed.
    ...(namesInput(asked) ? { gcTime: 0 } : {}),
  })
  if (!isOpen || !data) return NONE
  const begun = text.slice(data.from)
  // An answer to what was typed before fits no more once the word is another one.
  if (/\s/.test(begun)) return NONE
  const found = data.items
    .filter((item) => item.text.startsWith(begun) && item.text !== begun)
    .map(({ text: option, about, count }) => ({ from: data.from, option, about, count }))
  return found.length > 0 ? found : usual(text)
}

function usual(text: string): readonly Completion[] {
  const [, key = '', begun = ''] = /(?:^|\s)-?(\w+):([^\s,]*)$/.exec(text) ?? []
  return (USUAL[key] ?? [])
    .filter((value) => value.startsWith(begun) && value !== begun)
    .map((option) => ({ from: text.length - begun.length, option, about: '', count: null }))
}
