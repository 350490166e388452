// The steps of a run on one scale of time.
import type { AnswerOf } from '../../api/call.ts'
import { useFormats } from '../../app/format.ts'
import { knownState } from '../../look/tokens.ts'
import { statesAt } from './moment.ts'

export function Waterfall({
  run,
  at,
}: {
  readonly run: AnswerOf<'runs.get'>
  readonly at: number
}) {
  const format = useFormats()
  const from = run.createdAt
  const to = Math.max(run.finishedAt ?? at, from + 1)
  const states = statesAt(run.nodes, at)
  return (
    <ol className="waterfall">
      {run.nodes
        .filter(({ startedAt }) => startedAt <= at)
        .toSorted((a, b) => a.startedAt - b.startedAt)
        .map(({ node, startedAt, endedAt }) => {
          const end = Math.min(endedAt ?? at, at)
          const left = Math.min(99.6, ((startedAt - from) / (to - from)) * 100)
          const width = Math.min(100 - left, Math.max(0.4, ((end - startedAt) / (to - from)) * 100))
          return (
            <li key={node}>
              <span className="waterfall-name">{node}</span>
              <span className="waterfall-line">
                <span
                  className="waterfall-bar"
                  data-state={knownState(states.get(node)!) ?? 'waiting'}
                  data-open={endedAt === null || undefined}
                  style={{ marginLeft: `${left}%`, width: `${width}%` }}
                />
              </span>
              <span className="number waterfall-time">
                {format.span(Math.max(0, end - startedAt))}
              </span>
            </li>
          )
        })}
    </ol>
  )
}
