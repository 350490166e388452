// The three lists of the overview: queues, the latest failures, the runs to come.
import { Link } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { placeOf } from '../failures/place-of.ts'
import { DepthBar, mostOpen } from '../queues/depth-bar.tsx'
import { QueueState } from '../queues/state.tsx'
import { OVERVIEW_TEXTS } from './texts.ts'

const MOST = 6

export function QueueStrip() {
  const say = useTexts(OVERVIEW_TEXTS)
  const read = useRead('queues.list', {})
  return (
    <Card
      title={say('queues')}
      isFlush
      actions={
        <Link className="link" to="/queues">
          {say('all')}
        </Link>
      }
    >
      <Answered read={read}>
        {({ data }) => (
          <List
            label={say('queues')}
            rows={data}
            rowKey={({ name }) => name}
            empty={null}
            columns={[
              {
                key: 'name',
                label: say('queue'),
                cell: ({ name }) => (
                  <Link to="/queues/$name" params={{ name }}>
                    {name}
                  </Link>
                ),
              },
              { key: 'state', label: say('state'), cell: (queue) => <QueueState queue={queue} /> },
              {
                key: 'depth',
                label: say('open'),
                cell: ({ counts }) => <DepthBar counts={counts} most={mostOpen(data)} />,
              },
              {
                key: 'active',
                label: say('running'),
                isNumber: true,
                cell: ({ counts }) => counts.active,
              },
              {
                key: 'waiting',
                label: say('waiting'),
                isNumber: true,
                cell: ({ counts }) => counts.waiting,
              },
              {
                key: 'prioritized',
                label: say('prioritized'),
                isNumber: true,
                cell: ({ counts }) => counts.prioritized,
              },
              {
                key: 'delayed',
                label: say('delayed'),
                isNumber: true,
                cell: ({ counts }) => counts.delayed,
              },
            ]}
          />
        )}
      </Answered>
    </Card>
  )
}

export function LatestFailures() {
  const say = useTexts(OVERVIEW_TEXTS)
  const read = useRead('failures.list', {}, { every: 30_000 })
  return (
    <Card
      title={say('failures')}
      isFlush
      actions={
        <Link className="link" to="/failures">
          {say('all')}
        </Link>
      }
    >
      <Answered read={read}>
        {({ data }) => (
          <List
            label={say('failures')}
            rows={data.toSorted((a, b) => b.last - a.last).slice(0, MOST)}
            rowKey={({ type, fingerprint, errorCode }) => `${type} ${fingerprint} ${errorCode}`}
            empty={<Blank title={say('noFailures')} />}
            columns={[
              {
                key: 'type',
                label: say('type'),
                cell: ({ type, search }) => (
                  <Link to="/jobs" search={{ q: search }}>
                    {type}
                  </Link>
                ),
              },
              {
                key: 'code',
                label: say('error'),
                isClipped: true,
                cell: ({ errorCode, frame }) => (
                  <span className="mono" title={errorCode ?? undefined}>
                    {frame === null ? (errorCode ?? '–') : placeOf(frame)}
                  </span>
                ),
              },
              { key: 'n', label: say('jobs'), isNumber: true, cell: ({ count }) => count },
              {
                key: 'last',
                label: say('last'),
                isNumber: true,
                cell: ({ last }) => <Instant at={last} />,
              },
            ]}
          />
        )}
      </Answered>
    </Card>
  )
}

export function UpcomingRuns() {
  const say = useTexts(OVERVIEW_TEXTS)
  const read = useRead('schedules.list', {}, { every: 30_000 })
  return (
    <Card
      title={say('upcoming')}
      isFlush
      actions={
        <Link className="link" to="/schedules">
          {say('all')}
        </Link>
      }
    >
      <Answered read={read}>
        {({ data }) => (
          <List
            label={say('upcoming')}
            rows={data
              .filter(({ nextAt, paused }) => nextAt !== null && paused === null)
              .toSorted((a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0))
              .slice(0, MOST)}
            rowKey={({ id }) => id}
            empty={<Blank title={say(data.length === 0 ? 'noUpcoming' : 'allPaused')} />}
            columns={[
              {
                key: 'id',
                label: say('schedule'),
                cell: ({ id }) => (
                  <Link to="/schedules/$id" params={{ id }}>
                    {id}
                  </Link>
                ),
              },
              {
                key: 'at',
                label: say('next'),
                isNumber: true,
                cell: ({ nextAt }) => <Instant at={nextAt} />,
              },
            ]}
          />
        )}
      </Answered>
    </Card>
  )
}
