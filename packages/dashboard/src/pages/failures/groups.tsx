// The groups of failures as a table.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AnswerOf } from '../../api/call.ts'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { List } from '../../parts/list.tsx'
import { RedriveDialog } from './redrive.tsx'
import { placeOf } from './place-of.ts'
import { FAILURE_TEXTS } from './texts.ts'

export type FailureGroup = AnswerOf<'failures.list'>['data'][number]

export function GroupTable({ groups }: { readonly groups: readonly FailureGroup[] }) {
  const say = useTexts(FAILURE_TEXTS)
  const format = useFormats()
  const { can } = useSession()
  const [chosen, setChosen] = useState<FailureGroup>()
  return (
    <>
      <List
        label={say('title')}
        rows={groups}
        rowKey={({ type, queue, fingerprint, errorCode }) =>
          `${type} ${queue} ${fingerprint} ${errorCode}`
        }
        empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
        columns={[
          {
            key: 'type',
            label: say('type'),
            cell: ({ type }) => (
              <Link to="/types/$name" params={{ name: type }}>
                <strong>{type}</strong>
              </Link>
            ),
          },
          {
            key: 'error',
            label: say('error'),
            isClipped: true,
            cell: ({ errorCode }) => <span className="mono">{errorCode ?? '–'}</span>,
          },
          {
            key: 'place',
            label: say('place'),
            cell: ({ fingerprint, frame }) => (
              <span className="mono" title={[frame, fingerprint].filter(Boolean).join(' · ')}>
                {frame === null ? (fingerprint ?? '–') : placeOf(frame)}
              </span>
            ),
          },
          {
            key: 'count',
            label: say('count'),
            isNumber: true,
            cell: ({ count, search }) => (
              <Link to="/jobs" search={{ q: search }}>
                {format.number(count)}
              </Link>
            ),
          },
          {
            key: 'first',
            label: say('first'),
            isNumber: true,
            cell: ({ first }) => <Instant at={first} />,
          },
          {
            key: 'last',
            label: say('last'),
            isNumber: true,
            cell: ({ last }) => <Instant at={last} />,
          },
          {
            key: 'sample',
            label: say('sample'),
            cell: ({ sample }) =>
              sample === null ? (
                '–'
              ) : (
                <Link
                  className="mono"
                  to="/jobs/$id"
                  params={{ id: sample }}
                  search={{ tab: 'attempts' }}
                >
                  {sample.slice(-12)}
                </Link>
              ),
          },
          {
            key: 'act',
            label: <span className="only-read">{say('redrive')}</span>,
            isActions: true,
            cell: (group) =>
              can('jobs:retry') ? (
                <Button size="compact-sm" variant="default" onClick={() => setChosen(group)}>
                  {say('redrive')}
                </Button>
              ) : null,
          },
        ]}
      />
      {chosen ? <RedriveDialog group={chosen} onClose={() => setChosen(undefined)} /> : null}
    </>
  )
}
