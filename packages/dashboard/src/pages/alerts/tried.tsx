// What a rule would have done in the last week.
import { Alert } from '@mantine/core'
import type { AlertBackTest } from 'orderly/api'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { Instant } from '../../parts/instant.tsx'
import { List } from '../../parts/list.tsx'
import { amountOf } from './amounts.ts'
import { ALERT_TEXTS } from './texts.ts'

const MOST = 10

export function Tried({
  result,
  metric,
}: {
  readonly result: AlertBackTest
  readonly metric: string
}) {
  const say = useTexts(ALERT_TEXTS)
  const format = useFormats()
  const { episodes, minutes } = result
  return (
    <div className="stack" style={{ gap: '0.5rem' }} data-tried={episodes.length}>
      <Alert color={episodes.length === 0 ? 'green' : 'yellow'}>
        {episodes.length === 0 ? say('wouldNot') : say('would', { n: episodes.length })}{' '}
        {say('known', { n: minutes })}
      </Alert>
      <List
        label={say('would', { n: episodes.length })}
        rows={episodes.slice(-MOST).toReversed()}
        rowKey={({ subject, firedAt }) => `${subject} ${firedAt}`}
        empty={null}
        columns={[
          {
            key: 'subject',
            label: say('subject'),
            isClipped: true,
            cell: ({ subject }) => <span className="mono">{subject}</span>,
          },
          {
            key: 'told',
            label: say('told'),
            isNumber: true,
            cell: ({ firedAt }) => <Instant at={firedAt} as="time" />,
          },
          {
            key: 'lasted',
            label: say('lasted'),
            isNumber: true,
            cell: ({ since, resolvedAt }) =>
              resolvedAt === null ? say('notOver') : format.span(resolvedAt - since),
          },
          {
            key: 'worst',
            label: say('worst'),
            isNumber: true,
            cell: ({ worst }) => amountOf(format, metric, worst),
          },
        ]}
      />
      {episodes.length > MOST ? (
        <span className="quiet">{say('more', { n: episodes.length - MOST })}</span>
      ) : null}
    </div>
  )
}
