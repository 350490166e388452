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
import { asProblem, Problem } from '../app/problem.ts'
import { call, type Call, type Query } from './call.ts'

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

/** What an operation answers, kept and renewed. The path's first step is what live events renew it by. */
export function useRead<Answer>(
  path: string,
  query: Query = {},
  { enabled = true, every = false }: ReadOptions = {},
): UseQueryResult<Answer, Problem> {
  return useQuery<Answer, Problem>({
    queryKey: [path.split('/')[1]!, path, query],
    queryFn: ({ signal }) => call<Answer>(path, { query, signal }),
    enabled,
    refetchInterval: every,
  })
}

export interface WriteOptions<Answer> {
  /** The first steps of the paths that say something else afterwards. */
  readonly renews?: readonly string[]
  /** Said when it is done. */
  readonly done?: string | ((answer: Answer) => string)
  readonly onDone?: (answer: Answer) => void
  /** The caller shows the problem where it arose. */
  readonly isQuiet?: boolean
}

/** A change: call `mutate({ path, method, body })`. */
export function useWrite<Answer = unknown>(
  options: WriteOptions<Answer> = {},
): UseMutationResult<Answer, Problem, Call & { readonly path: string }> {
  const queries = useQueryClient()
  return useMutation<Answer, Problem, Call & { readonly path: string }>({
    mutationFn: ({ path, method = 'POST', ...rest }) => call<Answer>(path, { method, ...rest }),
    onSuccess(answer) {
      for (const area of options.renews ?? []) void queries.invalidateQueries({ queryKey: [area] })
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
  const problem = asProblem(error)
  notifications.show({
    title: problem.message,
    message: [problem.detail, problem.fix].filter(Boolean).join(' '),
    color: 'red',
    autoClose: 9_000,
  })
}
