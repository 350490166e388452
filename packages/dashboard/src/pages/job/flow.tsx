// The Flow of a job: its parent, its children, and the workflow run it is a step of.
import type { JobDetail } from 'orderly/api'
import { Link } from '@tanstack/react-router'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Card } from '../../parts/page.tsx'
import { JOB_TEXTS } from './texts.ts'

export function Flow({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  const parent = job.parent?.split('/').at(-1)
  if (parent === undefined)
    return (
      <Card>
        <Blank title={say('noFlow')}>{say('noFlowText')}</Blank>
      </Card>
    )
  return (
    <Card title={say('flow')}>
      <dl className="facts">
        <dt>{say('parent')}</dt>
        <dd>
          <Link className="link mono" to="/jobs/$id" params={{ id: parent }}>
            {parent}
          </Link>
        </dd>
      </dl>
    </Card>
  )
}
