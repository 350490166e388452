// The audit log: searched, checked in this browser, and taken out signed.
import { Alert, Button, SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { addressOf, call } from '../../api/call.ts'
import { showProblem } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconDownload, IconSearch, IconShieldCheck } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { AuditList, type AuditQuery } from './list.tsx'
import { AUDIT_TEXTS } from './texts.ts'
import { verify, type Verdict } from './verify.ts'

const DEFAULTS = { show: 'all', resource: '' }

const SHOWN: Readonly<Record<string, AuditQuery>> = {
  all: {},
  reveals: { op: 'phi.*' },
  denials: { outcome: 'denied' },
  signIns: { op: 'auth.*' },
}

export function AuditPage() {
  const say = useTexts(AUDIT_TEXTS)
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const query: AuditQuery = {
    ...SHOWN[url.show],
    ...(url.resource === '' ? {} : { resource: url.resource }),
    limit: 200,
  }
  return (
    <Page
      title={say('title')}
      lead={say('lead')}
      actions={
        can('audit:export') ? (
          <Button
            component="a"
            href={addressOf('audit.export', {})}
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            {say('export')}
          </Button>
        ) : null
      }
    >
      {can('audit:verify') ? <Verification /> : null}
      <div className="filters">
        <SegmentedControl
          aria-label={say('show')}
          className="segmented-scroll"
          value={url.show}
          onChange={(show) => setUrl({ show })}
          data={[
            { value: 'all', label: say('all') },
            { value: 'reveals', label: say('reveals') },
            { value: 'denials', label: say('denials') },
            { value: 'signIns', label: say('signIns') },
          ]}
        />
        <TextInput
          data-page-search
          aria-label={say('find')}
          placeholder={say('find')}
          style={{ minWidth: 'min(100%, 20rem)' }}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={url.resource}
          onChange={(event) => setUrl({ resource: event.currentTarget.value })}
        />
      </div>
      <section className="card flush">
        <AuditList query={query} empty={<Blank title={say('none')} />} />
      </section>
    </Page>
  )
}

function Verification() {
  const say = useTexts(AUDIT_TEXTS)
  const [progress, setProgress] = useState<{ done: number; total: number }>()
  const [verdict, setVerdict] = useState<Verdict & { readonly root: string }>()
  const check = async (): Promise<void> => {
    setVerdict(undefined)
    try {
      const checkpoint = await call('audit.checkpoint', {})
      const found = await verify(
        checkpoint,
        async (from) => (await call('audit.leaves', { query: { from, limit: 1_000 } })).data,
        (done) => setProgress({ done, total: checkpoint.size }),
      )
      setVerdict({ ...found, root: checkpoint.root })
    } catch (error) {
      showProblem(error)
    }
    setProgress(undefined)
  }
  return (
    <Card
      title={say('root')}
      actions={
        <Button
          leftSection={<IconShieldCheck size={16} aria-hidden />}
          loading={progress !== undefined}
          onClick={() => void check()}
        >
          {say('verify')}
        </Button>
      }
    >
      <div className="stack" style={{ gap: '0.6rem' }} aria-live="polite">
        {progress ? <span>{say('verifying', progress)}</span> : null}
        {verdict ? (
          <>
            <Alert
              color={verdict.isGood ? 'green' : 'red'}
              data-verdict={verdict.isGood ? 'good' : 'bad'}
            >
              {verdict.isGood
                ? say('verified', { n: verdict.size })
                : verdict.broken === undefined
                  ? say('wrongRoot')
                  : say('broken', { index: verdict.broken })}{' '}
              <span className="mono">{verdict.root}</span>
            </Alert>
            <ol className="segments" aria-label={say('segments')}>
              {verdict.segments.map(({ from, to, state }) => {
                const label = say('segment', { from, to, word: say(state) })
                return (
                  <li key={from} data-tone={state === 'bad' ? 'bad' : 'good'} title={label}>
                    <span className="only-read">{label}</span>
                  </li>
                )
              })}
            </ol>
          </>
        ) : null}
        <span className="quiet">{say('offline')}</span>
      </div>
    </Card>
  )
}
