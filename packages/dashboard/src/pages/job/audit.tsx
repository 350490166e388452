// The Audit of a job: what people did with it, and who saw what of it.
import type { JobDetail } from 'orderly/api'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { Card } from '../../parts/page.tsx'
import { AuditList } from '../audit/list.tsx'
import { JOB_TEXTS } from './texts.ts'

export function AuditTrail({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  return (
    <Card title={say('audit')} isFlush>
      <AuditList query={{ resource: job.id }} empty={<Blank title={say('noAudit')} />} />
    </Card>
  )
}
