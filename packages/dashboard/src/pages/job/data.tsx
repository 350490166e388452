// The Data of a job: input and output by field, what is PHI masked with its kind, and the way to see it.
import type { JobDetail, PhiField } from 'orderly/api'
import { Button } from '@mantine/core'
import { useMemo, useState } from 'react'
import { call } from '../../api/call.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { IconEye } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import type { RevealSubject } from '../../parts/consent.tsx'
import { JsonView } from '../../parts/json-view.tsx'
import { List } from '../../parts/list.tsx'
import { MaskedValue, RevealDialog, Revealed, type Reveal } from '../../parts/masked.tsx'
import { Card } from '../../parts/page.tsx'
import { JOB_TEXTS } from './texts.ts'

export function Data({ job }: { readonly job: JobDetail }) {
  const say = useTexts(JOB_TEXTS)
  return (
    <div className="two">
      <Part job={job} part="input" value={job.input} fields={job.inputFields} />
      {job.output === null ? (
        <Card title={say('output')}>
          <Blank title={say('noOutput')} />
        </Card>
      ) : (
        <Part job={job} part="output" value={job.output} fields={job.outputFields} />
      )}
    </div>
  )
}

interface PartProps {
  readonly job: JobDetail
  readonly part: 'input' | 'output'
  readonly value: unknown
  readonly fields: readonly PhiField[]
}

function Part({ job, part, value, fields }: PartProps) {
  const say = useTexts(JOB_TEXTS)
  const { can } = useSession()
  const [isAsking, setAsking] = useState(false)
  const [shown, setShown] = useState<string>()
  const kinds = useMemo(
    () =>
      new Map(fields.filter(({ kind }) => kind !== 'clear').map(({ path, kind }) => [path, kind])),
    [fields],
  )
  const subjectOf = (pointer: string): RevealSubject => ({ job: job.id, part, pointers: [pointer] })
  const reveal =
    (pointer: string): Reveal =>
    async (why) => {
      const { values } = await call('reveal.job', {
        params: { id: job.id },
        body: { part, pointers: [pointer], ...why },
      })
      return values[0]?.value
    }
  return (
    <Card
      title={say(part)}
      actions={
        kinds.size > 0 && can('phi:reveal') && shown === undefined ? (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconEye size={14} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            {say(part === 'input' ? 'revealInput' : 'revealOutput')}
          </Button>
        ) : null
      }
    >
      {shown === undefined ? (
        <JsonView
          value={value}
          replace={(pointer, inner) => {
            const path = fieldOf(pointer)
            const kind = kinds.get(path)
            if (kind === undefined || typeof inner !== 'string') return undefined
            return (
              <MaskedValue
                mask={inner}
                kind={kind}
                field={path || part}
                reveal={reveal(pointer)}
                subject={subjectOf(pointer)}
              />
            )
          }}
        />
      ) : (
        <Revealed value={shown} onEnd={() => setShown(undefined)} />
      )}
      {fields.length > 0 ? (
        <details className="fields">
          <summary>{say('phiMap')}</summary>
          <List
            label={say('phiMap')}
            rows={fields}
            rowKey={({ path, kind }) => `${path} ${kind}`}
            empty={null}
            columns={[
              {
                key: 'path',
                label: say('field'),
                cell: ({ path }) => <span className="mono">{path || '·'}</span>,
              },
              { key: 'kind', label: say('kind'), cell: ({ kind }) => kind },
            ]}
          />
        </details>
      ) : null}
      {isAsking ? (
        <RevealDialog
          reveal={reveal('')}
          subject={subjectOf('')}
          onClose={() => setAsking(false)}
          onShown={(clear) => {
            setAsking(false)
            setShown(JSON.stringify(clear, null, 2))
          }}
        />
      ) : null}
    </Card>
  )
}

/** `/items/0/name` as PHI maps name it: `items[].name`. */
function fieldOf(pointer: string): string {
  return pointer
    .slice(1)
    .split('/')
    .reduce(
      (path, step) => (/^\d+$/.test(step) ? `${path}[]` : path === '' ? step : `${path}.${step}`),
      '',
    )
}
