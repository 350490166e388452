// The rows of the list: only those in view are drawn; keys walk, choose and open them.
import type { Job } from 'orderly/api'
import { Checkbox } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { useWatched } from '../../app/live-jobs.ts'
import { usePreferences } from '../../app/preferences.ts'
import { useTexts } from '../../app/texts.ts'
import type { JobColumn } from './columns.tsx'
import { JOBS_TEXTS } from './texts.ts'

export interface JobsTableProps {
  readonly jobs: readonly Job[]
  readonly columns: readonly JobColumn[]
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (ids: ReadonlySet<string>) => void
  readonly onEnd: () => void
}

const ROW_PX = { comfortable: 44, compact: 32 } as const
const MARGIN = 12

export function JobsTable({ jobs, columns, chosen, onChoose, onEnd }: JobsTableProps) {
  const say = useTexts(JOBS_TEXTS)
  const navigate = useNavigate()
  const { density } = usePreferences()
  const box = useRef<HTMLElement>(null)
  const [at, setAt] = useState(-1)
  const rows = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX[density],
    overscan: MARGIN,
    getItemKey: (index) => jobs[index]!.id,
  })
  const shown = rows.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useWatched(shown.flatMap(({ index }) => jobs[index]?.id ?? []))
  useEffect(() => rows.measure(), [density, rows])
  useEffect(() => {
    if (jobs.length > 0 && last >= jobs.length - MARGIN) onEnd()
  }, [last, jobs.length, onEnd])
  const toggle = (id: string): void => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    onChoose(next)
  }
  const press = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement) return
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
    const job = jobs[at]
    if (step !== undefined) {
      event.preventDefault()
      const next = Math.min(jobs.length - 1, Math.max(0, at + step))
      setAt(next)
      rows.scrollToIndex(next)
    } else if (event.key === 'x' && job) toggle(job.id)
    else if (event.key === 'Enter' && job && event.target === box.current)
      void navigate({ to: '/jobs/$id', params: { id: job.id } })
  }
  const before = shown[0]?.start ?? 0
  const after = rows.getTotalSize() - (shown.at(-1)?.end ?? 0)
  const areAllChosen = jobs.length > 0 && chosen.size >= jobs.length
  return (
    <section
      ref={box}
      className="table-box jobs-box"
      aria-label={say('title')}
      tabIndex={0}
      onKeyDown={press}
      {...(jobs[at] ? { 'aria-activedescendant': `row-${jobs[at].id}` } : {})}
    >
      <table className="list jobs" role="table" aria-rowcount={jobs.length + 1}>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader" className="tick">
              <Checkbox
                size="xs"
                aria-label={say('chooseAll')}
                checked={areAllChosen}
                indeterminate={chosen.size > 0 && !areAllChosen}
                onChange={() =>
                  onChoose(areAllChosen ? new Set() : new Set(jobs.map(({ id }) => id)))
                }
              />
            </th>
            {columns.map(({ key, text, isNumber, isWide }) => (
              <th key={key} scope="col" role="columnheader" className={classOf(isNumber, isWide)}>
                {say(text)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {before > 0 ? <Spacer height={before} span={columns.length + 1} /> : null}
          {shown.map(({ index, key }) => {
            const job = jobs[index]!
            return (
              <tr
                key={key}
                role="row"
                ref={rows.measureElement}
                data-index={index}
                id={`row-${job.id}`}
                aria-rowindex={index + 2}
                data-at={index === at || undefined}
                data-chosen={chosen.has(job.id) || undefined}
                style={{ height: ROW_PX[density] }}
              >
                <td className="tick" role="cell">
                  <Checkbox
                    size="xs"
                    aria-label={say('choose', { id: job.id })}
                    checked={chosen.has(job.id)}
                    onChange={() => toggle(job.id)}
                  />
                </td>
                {columns.map(({ key, isNumber, isWide, cell }) => (
                  <td key={key} className={classOf(isNumber, isWide)} data-column={key} role="cell">
                    {cell(job)}
                  </td>
                ))}
              </tr>
            )
          })}
          {after > 0 ? <Spacer height={after} span={columns.length + 1} /> : null}
        </tbody>
      </table>
    </section>
  )
}

function Spacer({ height, span }: { readonly height: number; readonly span: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td colSpan={span} style={{ padding: 0, border: 0 }} />
    </tr>
  )
}

function classOf(isNumber = false, isWide = false): string | undefined {
  const classes = [isNumber ? 'end' : '', isWide ? 'wide-only' : ''].filter(Boolean)
  return classes.length === 0 ? undefined : classes.join(' ')
}
