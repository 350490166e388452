// Says that there is more than the list shows, without moving its rows: pressing it reads the list again.
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { totalOf, useNews, type LiveNews } from '../../app/live-jobs.ts'
import { useTexts } from '../../app/texts.ts'
import { IconRepeat } from '../../look/icons.ts'
import { queuesOnly, statesOf } from './search-text.ts'
import { JOBS_TEXTS } from './texts.ts'

export interface NewsProps {
  readonly search: string
  /** When the list was read. */
  readonly readAt: number
  readonly isBusy: boolean
  readonly onLook: () => void
}

interface Standing {
  readonly added: number
  readonly inStates: number | undefined
}

export function News({ search, readAt, isBusy, onLook }: NewsProps) {
  const say = useTexts(JOBS_TEXTS)
  const news = useNews()
  const queues = queuesOnly(search)
  const standing = standingOf(news, search, queues ?? [])
  const [seen, setSeen] = useState<Standing>(standing)
  // What was there when the list was read is in it.
  useEffect(() => setSeen(standing), [search, readAt])
  const n = Math.max(0, standing.added - seen.added)
  const isOther =
    seen.inStates !== undefined &&
    standing.inStates !== undefined &&
    standing.inStates !== seen.inStates
  if (readAt === 0 || (n === 0 && !isOther)) return <div role="status" className="only-read" />
  return (
    <div role="status" className="news">
      <Button
        size="compact-sm"
        variant="light"
        radius="xl"
        loading={isBusy}
        leftSection={<IconRepeat size={14} aria-hidden />}
        onClick={onLook}
      >
        {n === 0 ? say('changed') : say(queues ? 'news' : 'newsMaybe', { n })}
      </Button>
    </div>
  )
}

function standingOf(
  { added, counts }: LiveNews,
  search: string,
  queues: readonly string[],
): Standing {
  const states = statesOf(search)
  return {
    added: Object.entries(added)
      .filter(([queue]) => queues.length === 0 || queues.includes(queue))
      .reduce((sum, [, n]) => sum + n, 0),
    inStates: counts && states.length > 0 ? totalOf(counts, states) : undefined,
  }
}
