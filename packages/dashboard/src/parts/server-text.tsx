// A sentence of the server's where it stands in the flow of a page.
import { useServerWords } from '../app/server-words.ts'

export function ServerText({ of }: { readonly of: string }) {
  return useServerWords()(of)
}
