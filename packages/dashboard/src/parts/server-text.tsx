// A sentence of the server's where it stands in the flow of a page, and what it answered instead of what was asked.
import { asProblem } from '../app/problem.ts'
import { PROBLEM_TEXTS, titleOf } from '../app/problem-words.ts'
import { useServerWords } from '../app/server-words.ts'
import { useTexts } from '../app/texts.ts'

export function ServerText({ of }: { readonly of: string }) {
  return useServerWords()(of)
}

/** Says in one line why something could not be done: in detail where the server gives one. */
export function useProblemLine(): (error: unknown) => string {
  const words = useServerWords()
  const say = useTexts(PROBLEM_TEXTS)
  return (error) => {
    const problem = asProblem(error)
    return problem.detail === '' ? titleOf(problem, say) : words(problem.detail)
  }
}
