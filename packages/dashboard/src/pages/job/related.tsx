// What has to do with a job: others that failed at the same place, what it repeats, its siblings of the schedule.
import type { JobDetail } from 'orderly/api'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { JobList } from '../../parts/job-list.tsx'
import { JOB_TEXTS } from './texts.ts'

const MOST = 25

export function Related({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  return (
    <>
      <Found
        title={say('sameFingerprint')}
        job={job}
        q={job.fingerprint === null ? undefined : `fp:${job.fingerprint}`}
      />
      {job.schedule === null ? null : (
        <Found title={say('schedule')} job={job} q={`schedule:${job.schedule}`} />
      )}
    </>
  )
}

function Found({
  title,
  job,
  q,
}: {
  readonly title: string
  readonly job: JobDetail
  readonly q: string | undefined
}) {
  const say = useTexts(JOB_TEXTS)
  const read = useRead(
    'jobs.list',
    { query: { q: q ?? '', limit: MOST } },
    { enabled: q !== undefined },
  )
  const blank = <Blank title={say('noRelated')} />
  return (
    <Card title={title} isFlush>
      {q === undefined ? (
        blank
      ) : (
        <Answered read={read}>
          {({ data }) => (
            <JobList label={title} jobs={data.filter(({ id }) => id !== job.id)} empty={blank} />
          )}
        </Answered>
      )}
    </Card>
  )
}
