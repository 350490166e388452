// The dead letters: every job that failed for good, and their groups with the way back.
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { JobList } from '../../parts/job-list.tsx'
import { Answered } from '../../parts/list.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { GroupTable } from './groups.tsx'
import { FAILURE_TEXTS } from './texts.ts'

const MOST = 100

export function DeadLettersPage() {
  const say = useTexts(FAILURE_TEXTS)
  const groups = useRead('failures.list', {}, { every: 15_000 })
  const jobs = useRead('jobs.list', { query: { q: 'state:failed', limit: MOST } })
  return (
    <Page title={say('dead')} lead={say('deadLead')}>
      <Card
        isFlush
        title={
          groups.data
            ? say('total', { n: groups.data.total, groups: groups.data.data.length })
            : say('dead')
        }
      >
        <Answered read={groups}>{({ data }) => <GroupTable groups={data} />}</Answered>
      </Card>
      <Card isFlush title={say('count')}>
        <Answered read={jobs}>
          {({ data }) => (
            <JobList label={say('dead')} jobs={data} empty={<Blank title={say('none')} />} />
          )}
        </Answered>
      </Card>
    </Page>
  )
}
