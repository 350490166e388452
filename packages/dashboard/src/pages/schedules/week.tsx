// The week to come as a grid of days and hours: what runs when, in the reader's time zone.
import { Link } from '@tanstack/react-router'
import { useQueries } from '@tanstack/react-query'
import { call } from '../../api/call.ts'
import { useFormats, zoneName } from '../../app/format.ts'
import { useNow } from '../../app/now.ts'
import { usePreferences } from '../../app/preferences.ts'
import { useTexts } from '../../app/texts.ts'
import { Card } from '../../parts/page.tsx'
import type { Schedule } from './page.tsx'
import { SCHEDULE_TEXTS } from './texts.ts'

const DAY_MS = 86_400_000
const MOST_SLOTS = 300
const MOST_IN_CELL = 3

interface Run {
  readonly id: string
  readonly at: number
}

export function Week({ schedules }: { readonly schedules: readonly Schedule[] }) {
  const say = useTexts(SCHEDULE_TEXTS)
  const format = useFormats()
  const { language, zone } = usePreferences()
  const now = Math.floor(useNow() / 60_000) * 60_000
  const reads = useQueries({
    queries: schedules
      .filter(({ paused }) => paused === null)
      .map(({ id }) => ({
        queryKey: ['schedules', 'week', id],
        queryFn: () => call('schedules.upcoming', { params: { id }, query: { count: MOST_SLOTS } }),
      })),
  })
  const active = schedules.filter(({ paused }) => paused === null)
  const runs: Run[] = reads.flatMap(({ data }, index) =>
    (data?.data ?? []).map(({ at }) => ({ id: active[index]!.id, at })),
  )
  const days = Array.from({ length: 7 }, (_, day) => now + day * DAY_MS)
  const dayName = new Intl.DateTimeFormat(language, {
    weekday: 'short',
    day: 'numeric',
    timeZone: zoneName(zone),
  })
  const place = placeIn(zoneName(zone))
  const cells = new Map<string, Run[]>()
  for (const run of runs) cells.set(place(run.at), [...(cells.get(place(run.at)) ?? []), run])
  return (
    <Card title={say('weekOf', { day: format.day(now) })} isFlush>
      <section className="table-box" tabIndex={0} aria-label={say('week')}>
        <table className="list week">
          <thead>
            <tr>
              <th scope="col">{say('hour')}</th>
              {days.map((day) => (
                <th scope="col" key={day}>
                  {dayName.format(day)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: 24 }, (_, hour) => (
              <tr key={hour}>
                <th scope="row">{String(hour).padStart(2, '0')}:00</th>
                {days.map((day) => {
                  const key = `${place(day).split(' ')[0]} ${String(hour).padStart(2, '0')}`
                  const found = cells.get(key) ?? []
                  return (
                    <td key={day}>
                      {found.slice(0, MOST_IN_CELL).map(({ id, at }) => (
                        <Link
                          key={`${id} ${at}`}
                          className="slot"
                          to="/schedules/$id"
                          params={{ id }}
                          title={format.fullTime(at)}
                        >
                          {format.clock(at).slice(0, 5)} {id}
                        </Link>
                      ))}
                      {found.length > MOST_IN_CELL ? (
                        <span className="quiet">
                          {say('more', { n: found.length - MOST_IN_CELL })}
                        </span>
                      ) : null}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Card>
  )
}

/** The day and hour of a moment in a zone, as `2026-01-31 07`. */
function placeIn(timeZone: string): (at: number) => string {
  const form = new Intl.DateTimeFormat('sv', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hour12: false,
  })
  return (at) => form.format(at).slice(0, 13)
}
