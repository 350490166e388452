// Reading from and writing to the API in components.
import { notifications } from '@mantine/notifications'
import {
  keepPreviousData,
  QueryClient,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query'
import { createElement } from 'react'
import { asProblem, type Problem } from '../app/problem.ts'
import { ProblemDetail, ProblemTitle } from '../parts/blank.tsx'
import { call, type AnswerOf, type OperationId, type RequestOf } from './call.ts'

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      refetchOnWindowFocus: true,
      placeholderData: keepPreviousData,
      retry: (count, error) => asProblem(error).status === 0 && count < 2,
    },
  },
})

export interface ReadOptions {
  readonly enabled?: boolean
  /** Asked again this often where no live event tells of news. */
  readonly every?: number | false
}

/** What an operation answers, kept and renewed. Live events renew it by its area, the first word of its id. */
export function useRead<Id extends OperationId>(
  id: Id,
  request: RequestOf<Id>,
  { enabled = true, every = false }: ReadOptions = {},
): UseQueryResult<AnswerOf<Id>, Problem> {
  return useQuery<AnswerOf<Id>, Problem>({
    ...reading(id, request),
    enabled,
    refetchInterval: every,
  })
}

/** Reads before any component asks. It never throws: who asks then sees what went wrong. */
export function readAhead<Id extends OperationId>(id: Id, request: RequestOf<Id>): Promise<void> {
  return client.prefetchQuery<AnswerOf<Id>, Problem>({ ...reading(id, request), retry: false })
}

function reading<Id extends OperationId>(id: Id, request: RequestOf<Id>) {
  return {
    queryKey: [areaOf(id), id, request],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) => call(id, request, { signal }),
  }
}

export function areaOf(id: OperationId): string {
  return id.split('.')[0]!
}

export interface WriteOptions<Answer> {
  /** The areas that say something else afterwards; the operation's own is always among them. */
  readonly renews?: readonly string[]
  /** Said when it is done. */
  readonly done?: string | ((answer: Answer) => string)
  readonly onDone?: (answer: Answer) => void
  /** The caller shows the problem where it arose. */
  readonly isQuiet?: boolean
}

/** A change: call `mutate(request)`. */
export function useWrite<Id extends OperationId>(
  id: Id,
  options: WriteOptions<AnswerOf<Id>> = {},
): UseMutationResult<AnswerOf<Id>, Problem, RequestOf<Id>> {
  const queries = useQueryClient()
  return useMutation<AnswerOf<Id>, Problem, RequestOf<Id>>({
    mutationFn: (request) => call(id, request),
    onSuccess(answer) {
      for (const area of [areaOf(id), ...(options.renews ?? [])])
        void queries.invalidateQueries({ queryKey: [area] })
      const { done } = options
      if (done !== undefined)
        notifications.show({
          message: typeof done === 'string' ? done : done(answer),
          color: 'teal',
        })
      options.onDone?.(answer)
    },
    onError(problem) {
      if (!options.isQuiet) showProblem(problem)
    },
  })
}

export function showProblem(error: unknown): void {
  notifications.show({
    title: createElement(ProblemTitle, { error }),
    message: createElement(ProblemDetail, { error }),
    color: 'red',
    autoClose: 9_000,
  })
}
