// Reading pages of found jobs. A search that names PHI goes in a body, and never into the address or the cache's key.
import type { FoundJobs } from 'orderly/api'
import { useInfiniteQuery, keepPreviousData, type InfiniteData } from '@tanstack/react-query'
import type { UseInfiniteQueryOptions, UseInfiniteQueryResult } from '@tanstack/react-query'
import { call } from '../../api/call.ts'
import { client } from '../../api/use.ts'
import { namesInput } from './names-input.ts'
import type { Problem } from '../../app/problem.ts'

const PAGE_SIZE = 100

type Finding = Pick<
  UseInfiniteQueryOptions<
    FoundJobs,
    Problem,
    InfiniteData<FoundJobs>,
    readonly unknown[],
    string | undefined
  >,
  'queryKey' | 'initialPageParam'
> & {
  readonly queryFn: (at: { readonly pageParam: string | undefined }) => Promise<FoundJobs>
}

export function findPage(q: string, cursor: string | undefined, limit: number): Promise<FoundJobs> {
  const page = { q, limit, ...(cursor ? { cursor } : {}) }
  return namesInput(q) ? call('jobs.search', { body: page }) : call('jobs.list', { query: page })
}

export function useFoundJobs(q: string): UseInfiniteQueryResult<InfiniteData<FoundJobs>, Problem> {
  return useInfiniteQuery({
    ...finding(q),
    getNextPageParam: ({ page }) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    // What a search by PHI found is not kept once nobody looks at it.
    ...(namesInput(q) ? { gcTime: 0 } : {}),
    maxPages: 50,
  })
}

/** Finds the first page before the list is drawn. What fails is said by the list. */
export async function findAhead(q: string): Promise<void> {
  if (!namesInput(q)) await client.prefetchInfiniteQuery({ ...finding(q), retry: false })
}

function finding(q: string): Finding {
  return {
    queryKey: ['jobs', 'found', q],
    queryFn: ({ pageParam }) => findPage(q, pageParam, PAGE_SIZE),
    initialPageParam: undefined,
  }
}
