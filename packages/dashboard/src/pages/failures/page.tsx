// Failures by the place they were thrown at: how often, since when, an example, and putting them back.
import { Link } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { Answered } from '../../parts/list.tsx'
import { Page } from '../../parts/page.tsx'
import { GroupTable } from './groups.tsx'
import { FAILURE_TEXTS } from './texts.ts'

export function FailuresPage() {
  const say = useTexts(FAILURE_TEXTS)
  const read = useRead('failures.list', {}, { every: 15_000 })
  return (
    <Page
      title={say('title')}
      lead={say('lead')}
      actions={
        <Link className="link" to="/dead-letters">
          {say('dead')}
        </Link>
      }
    >
      <section className="card flush">
        <Answered read={read}>{({ data }) => <GroupTable groups={data} />}</Answered>
      </section>
    </Page>
  )
}
