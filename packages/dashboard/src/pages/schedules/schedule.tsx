// One schedule: when it runs, what it did, and pausing, firing, changing or filling in for the past.
import { Alert, Button } from '@mantine/core'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { usePreferences } from '../../app/preferences.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { IconPencil, IconPlayerPause, IconPlayerPlay } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Backfill } from './backfill.tsx'
import { Builder } from './builder.tsx'
import { PauseDialog } from './pause-dialog.tsx'
import { Rules } from './rules.tsx'
import { Slots } from './slots.tsx'
import { SCHEDULE_TEXTS } from './texts.ts'
import { whenOf } from './when.ts'

const LOOKS = { fired: 'completed', skipped: 'cancelled', buffered: 'waiting' } as const

export function SchedulePage() {
  const say = useTexts(SCHEDULE_TEXTS)
  const format = useFormats()
  const { language } = usePreferences()
  const navigate = useNavigate()
  const { id }: { id: string } = useParams({ strict: false })
  const { can } = useSession()
  const params = { id }
  const read = useRead('schedules.get', { params })
  const upcoming = useRead('schedules.upcoming', { params, query: { count: 10 } })
  const past = useRead('schedules.past', { params, query: { limit: 50 } }, { every: 15_000 })
  const [dialog, setDialog] = useState<'pause' | 'change' | 'remove'>()
  const close = (): void => setDialog(undefined)
  const resume = useWrite('schedules.resume')
  const run = useWrite('schedules.run', { done: say('ran'), renews: ['jobs', 'runs'] })
  const remove = useWrite('schedules.delete', {
    done: say('removed'),
    isQuiet: true,
    onDone: () => void navigate({ to: '/schedules' }),
  })
  const schedule = read.data
  return (
    <Page
      title={id}
      mark={
        schedule ? (
          schedule.paused ? (
            <StateBadge state="paused" label={say('paused')} />
          ) : (
            <StateBadge state="completed" label={say('on')} />
          )
        ) : null
      }
      lead={schedule ? whenOf(schedule.spec, language, format) : undefined}
      actions={
        schedule ? (
          <>
            {can('schedules:run') ? (
              <Button
                variant="default"
                leftSection={<IconPlayerPlay size={16} aria-hidden />}
                loading={run.isPending}
                onClick={() => run.mutate({ params })}
              >
                {say('runNow')}
              </Button>
            ) : null}
            {can('schedules:write') ? (
              <>
                {schedule.paused ? (
                  <Button
                    leftSection={<IconPlayerPlay size={16} aria-hidden />}
                    onClick={() => resume.mutate({ params })}
                  >
                    {say('resume')}
                  </Button>
                ) : (
                  <Button
                    variant="default"
                    leftSection={<IconPlayerPause size={16} aria-hidden />}
                    onClick={() => setDialog('pause')}
                  >
                    {say('pause')}
                  </Button>
                )}
                <Button
                  variant="default"
                  leftSection={<IconPencil size={16} aria-hidden />}
                  onClick={() => setDialog('change')}
                >
                  {say('change')}
                </Button>
                <Button variant="subtle" color="red" onClick={() => setDialog('remove')}>
                  {say('remove')}
                </Button>
              </>
            ) : null}
          </>
        ) : null
      }
    >
      {schedule?.paused ? (
        <Alert color="gray" icon={<IconPlayerPause size={18} />}>
          {say('pausedWhy', { who: schedule.paused.by, reason: schedule.paused.reason })}
          {schedule.paused.until === null
            ? null
            : ` ${say('pausedUntil', { time: format.fullTime(schedule.paused.until) })}`}
        </Alert>
      ) : null}
      <div className="two">
        <Card title={say('upcoming')} isFlush>
          <Answered read={upcoming}>
            {({ data }) => <Slots slots={data} label={say('upcoming')} />}
          </Answered>
        </Card>
        {schedule ? <Rules schedule={schedule} /> : null}
      </div>
      <Card title={say('past')} isFlush>
        <Answered read={past}>
          {({ data }) => (
            <List
              label={say('past')}
              rows={data}
              rowKey={({ at }) => String(at)}
              empty={<Blank title={say('noPast')} />}
              columns={[
                { key: 'at', label: say('when'), cell: ({ at }) => <Instant at={at} as="full" /> },
                {
                  key: 'state',
                  label: say('state'),
                  cell: ({ state }) => <StateBadge state={LOOKS[state]} label={say(state)} />,
                },
                { key: 'reason', label: say('reason'), cell: ({ reason }) => reason ?? '–' },
                {
                  key: 'what',
                  label: say('what'),
                  cell: ({ job, run: begun }) => {
                    const id = job ?? begun
                    return id === null ? (
                      '–'
                    ) : (
                      <Link
                        className="mono"
                        to={job === null ? '/runs/$id' : '/jobs/$id'}
                        params={{ id }}
                      >
                        {id.slice(-12)}
                      </Link>
                    )
                  },
                },
              ]}
            />
          )}
        </Answered>
      </Card>
      {can('schedules:run') ? <Backfill id={id} /> : null}
      {dialog === 'change' && schedule ? <Builder schedule={schedule} onClose={close} /> : null}
      <PauseDialog id={id} isOpen={dialog === 'pause'} onClose={close} />
      <ReasonDialog
        title={`${say('remove')}: ${id}`}
        action={say('remove')}
        isOpen={dialog === 'remove'}
        isBusy={remove.isPending}
        error={remove.error}
        isDangerous
        isReasonNeeded={false}
        onClose={close}
        onGo={() => remove.mutate({ params })}
      >
        <span className="quiet">{say('removeText')}</span>
      </ReasonDialog>
    </Page>
  )
}
