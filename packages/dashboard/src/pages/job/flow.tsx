// The Flow of a job: its parent and children, the set it was added with, the run it is a step of, the job it repeats.
import type { JobDetail, JobFamily } from 'orderly/api'
import { Progress } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { JobList } from '../../parts/job-list.tsx'
import { Answered } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { JOB_TEXTS } from './texts.ts'

const OPEN_MS = 3_000

export function Flow({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const isOpen = job.finishedAt === null
  const read = useRead(
    'jobs.family',
    { params: { id: job.id } },
    { every: isOpen ? OPEN_MS : false },
  )
  return (
    <Answered read={read}>
      {(family) => (isAlone(family) ? <Alone /> : <Family family={family} say={say} />)}
    </Answered>
  )
}

function isAlone({ parent, children, set, run, replayOf }: JobFamily): boolean {
  return !parent && children.length === 0 && !set && !run && !replayOf
}

function Alone() {
  const say = useTexts(JOB_TEXTS)
  return (
    <Card>
      <Blank title={say('noFlow')}>{say('noFlowText')}</Blank>
    </Card>
  )
}

function Family({
  family: { parent, children, set, run, replayOf },
  say,
}: {
  readonly family: JobFamily
  readonly say: ReturnType<typeof useTexts<typeof JOB_TEXTS>>
}) {
  return (
    <>
      {run ? (
        <Card title={say('partOfRun')}>
          <dl className="facts">
            <dt>{say('workflow')}</dt>
            <dd>
              <Link className="link" to="/workflows/$id" params={{ id: run.workflow }}>
                {run.workflow}
              </Link>{' '}
              <span className="quiet">v{run.version}</span>
            </dd>
            <dt>{say('run')}</dt>
            <dd>
              <StateBadge state={run.state === 'running' ? 'active' : run.state} />{' '}
              <Link className="link mono" to="/runs/$id" params={{ id: run.id }}>
                {run.id}
              </Link>
            </dd>
            <dt>{say('step')}</dt>
            <dd>
              <span className="mono">{run.node ?? '–'}</span>
              {run.item === null ? null : (
                <span className="quiet"> {say('item', { n: run.item + 1 })}</span>
              )}
            </dd>
          </dl>
        </Card>
      ) : null}
      {parent ? (
        <Card title={say('parent')} isFlush>
          <JobList label={say('parent')} jobs={[parent]} empty={null} />
        </Card>
      ) : null}
      {children.length > 0 ? (
        <Card title={say('childrenN', { n: children.length })} isFlush>
          <JobList label={say('children')} jobs={children} empty={null} />
        </Card>
      ) : null}
      {set ? (
        <Card
          title={say('setOf', { n: set.total })}
          actions={
            <span className="quiet">
              {say('setDone', { done: set.completed + set.failed, failed: set.failed })}
            </span>
          }
          isFlush
        >
          <Progress.Root size="sm" radius={0} aria-label={say('setOf', { n: set.total })}>
            <Progress.Section value={(set.completed / set.total) * 100} color="green" />
            <Progress.Section value={(set.failed / set.total) * 100} color="red" />
          </Progress.Root>
          <JobList label={say('setOf', { n: set.total })} jobs={set.jobs} empty={null} />
        </Card>
      ) : null}
      {replayOf ? (
        <Card title={say('replayOf')} isFlush>
          <JobList label={say('replayOf')} jobs={[replayOf]} empty={null} />
        </Card>
      ) : null}
    </>
  )
}
