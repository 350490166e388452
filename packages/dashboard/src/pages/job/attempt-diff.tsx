// Two attempts of a job side by side: what differs between them is marked, by word and by colour.
import type { JobAttempt } from 'orderly/api'
import { Select } from '@mantine/core'
import type { ReactNode } from 'react'
import { useFormats } from '../../app/format.ts'
import { useNow } from '../../app/now.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { Card } from '../../parts/page.tsx'
import { AttemptEnd } from './attempt-end.tsx'
import { diffLines } from './diff-lines.ts'
import { WorkerId } from './worker-id.tsx'
import { JOB_TEXTS } from './texts.ts'

const DEFAULTS = { left: '', right: '' }

/** What two attempts are compared by, and what is shown of it: a run that took about as long is no difference. */
type Row = readonly [
  label: string,
  of: (attempt: JobAttempt) => string,
  show?: (attempt: JobAttempt) => ReactNode,
  /** What lies between them, for what always differs. */
  between?: string,
]

export function AttemptDiff({ attempts }: { readonly attempts: readonly JobAttempt[] }) {
  const say = useTexts(JOB_TEXTS)
  const format = useFormats()
  const now = useNow()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const find = (text: string, otherwise: JobAttempt): JobAttempt =>
    attempts.find(({ number }) => String(number) === text) ?? otherwise
  const left = find(url.left, attempts.at(-2)!)
  const right = find(url.right, attempts.at(-1)!)
  const took = ({ startedAt, endedAt }: JobAttempt): number => (endedAt ?? now) - startedAt
  const rows: readonly Row[] = [
    [say('outcome'), ({ end }) => end ?? '', (attempt) => <AttemptEnd attempt={attempt} />],
    [say('error'), ({ code }) => code ?? '–'],
    [say('fingerprint'), ({ fingerprint }) => fingerprint ?? '–'],
    [
      say('took'),
      (attempt) => String(Math.round(Math.log2(1 + took(attempt)))),
      (attempt) => format.span(took(attempt)),
    ],
    [say('release'), ({ release }) => release ?? '–'],
    [say('worker'), ({ worker }) => worker ?? '–', ({ worker }) => <WorkerId id={worker} />],
    [say('host'), ({ host }) => host ?? '–'],
    [
      say('started'),
      () => '',
      ({ startedAt }) => format.fullTime(startedAt),
      say('apart', { span: format.span(Math.abs(right.startedAt - left.startedAt)) }),
    ],
  ]
  const options = attempts.map(({ number }) => ({
    value: String(number),
    label: say('attempt', { n: number }),
  }))
  const pick = (side: 'left' | 'right', chosen: JobAttempt): ReactNode => (
    <Select
      size="xs"
      aria-label={say(side === 'left' ? 'leftAttempt' : 'rightAttempt')}
      value={String(chosen.number)}
      onChange={(value) => setUrl({ [side]: value ?? '' })}
      data={options}
      allowDeselect={false}
    />
  )
  return (
    <Card title={say('compare')} isFlush>
      <section className="table-box" aria-label={say('compare')} tabIndex={0}>
        <table className="list attempt-diff">
          <thead>
            <tr>
              <td />
              <th scope="col">{pick('left', left)}</th>
              <th scope="col">{pick('right', right)}</th>
              <td className="quiet">{say('difference')}</td>
            </tr>
          </thead>
          <tbody>
            {rows.map(([label, of, show, between]) => {
              const differs = of(left) !== of(right)
              return (
                <tr key={label} data-differs={differs || undefined}>
                  <th scope="row">{label}</th>
                  <td className="mono">{show ? show(left) : of(left)}</td>
                  <td className="mono">{show ? show(right) : of(right)}</td>
                  <td className="quiet">{between ?? say(differs ? 'differs' : 'same')}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </section>
      {left.frames.length + right.frames.length > 0 ? (
        <Frames before={left.frames} after={right.frames} />
      ) : null}
    </Card>
  )
}

const SIGNS = { same: ' ', gone: '−', come: '+' } as const

function Frames({
  before,
  after,
}: {
  readonly before: readonly string[]
  readonly after: readonly string[]
}) {
  const say = useTexts(JOB_TEXTS)
  const lines = diffLines(before, after)
  const isSame = lines.every(({ side }) => side === 'same')
  return (
    <div className="attempt-frames">
      <strong>{say(isSame ? 'sameFrames' : 'frames')}</strong>
      <ol className="line-diff mono" tabIndex={0} aria-label={say('frames')}>
        {lines.map(({ side, text }, index) => (
          // A line may stand on both sides: its place is what it is.
          <li key={`${index}-${side}`} data-side={side}>
            <span aria-hidden>{SIGNS[side]}</span>
            <span className="only-read">{side === 'same' ? '' : say(side)}</span>
            {text}
          </li>
        ))}
      </ol>
    </div>
  )
}
