// All schedules, as a list and as the week they make, and making a new one.
import { Button, SegmentedControl } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AnswerOf } from '../../api/call.ts'
import { useRead } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { usePreferences } from '../../app/preferences.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconPlus } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Page } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Builder } from './builder.tsx'
import { SCHEDULE_TEXTS } from './texts.ts'
import { Week } from './week.tsx'
import { specOf, whenOf } from './when.ts'

export type Schedule = AnswerOf<'schedules.list'>['data'][number]

const DEFAULTS = { view: 'list' }

export function SchedulesPage() {
  const say = useTexts(SCHEDULE_TEXTS)
  const { can } = useSession()
  const read = useRead('schedules.list', {}, { every: 30_000 })
  const [url, setUrl] = useUrlState(DEFAULTS)
  const [isMaking, setMaking] = useState(false)
  return (
    <Page
      title={say('title')}
      actions={
        <>
          <SegmentedControl
            aria-label={say('view')}
            value={url.view}
            onChange={(view) => setUrl({ view })}
            data={[
              { value: 'list', label: say('list') },
              { value: 'week', label: say('week') },
            ]}
          />
          {can('schedules:write') ? (
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setMaking(true)}
            >
              {say('make')}
            </Button>
          ) : null}
        </>
      }
    >
      <Answered read={read}>
        {({ data }) =>
          url.view === 'week' && data.length > 0 ? (
            <Week schedules={data} />
          ) : (
            <section className="card flush">
              <ScheduleList schedules={data} />
            </section>
          )
        }
      </Answered>
      {isMaking ? <Builder onClose={() => setMaking(false)} /> : null}
    </Page>
  )
}

function ScheduleList({ schedules }: { readonly schedules: readonly Schedule[] }) {
  const say = useTexts(SCHEDULE_TEXTS)
  const format = useFormats()
  const { language } = usePreferences()
  return (
    <List
      label={say('title')}
      rows={schedules}
      rowKey={({ id }) => id}
      empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
      columns={[
        {
          key: 'id',
          label: say('name'),
          cell: ({ id }) => (
            <Link to="/schedules/$id" params={{ id }}>
              <strong className="whole">{id}</strong>
            </Link>
          ),
        },
        {
          key: 'next',
          label: say('next'),
          cell: ({ nextAt, paused }) => <Instant at={paused ? null : nextAt} />,
        },
        {
          key: 'state',
          label: say('state'),
          cell: ({ paused }) =>
            paused ? (
              <StateBadge state="paused" label={say('paused')} />
            ) : (
              <StateBadge state="completed" label={say('on')} />
            ),
        },
        {
          key: 'what',
          label: say('what'),
          cell: ({ job, workflow }) =>
            job === null ? (
              <Link to="/workflows/$id" params={{ id: workflow ?? '' }}>
                {workflow}
              </Link>
            ) : (
              <Link to="/types/$name" params={{ name: job }}>
                {job}
              </Link>
            ),
        },
        {
          key: 'when',
          label: say('when'),
          cell: ({ spec }) => <div className="roomy">{whenOf(spec, language, format)}</div>,
        },
        { key: 'zone', label: say('zone'), cell: ({ spec }) => specOf(spec).zone ?? 'UTC' },
        {
          key: 'source',
          label: say('source'),
          cell: ({ source, by }) =>
            source === 'code' ? <span className="quiet">{say('code')}</span> : by,
        },
      ]}
    />
  )
}
