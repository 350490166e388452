// The rules: those of the house and those that people made.
import { Button } from '@mantine/core'
import type { AlertRule } from 'orderly/api'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { IconPlus } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Card } from '../../parts/page.tsx'
import { ReasonDialog } from '../../parts/reason-dialog.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Severity } from './marks.tsx'
import { RuleForm } from './rule-form.tsx'
import { ALERT_TEXTS, METRIC_TEXTS } from './texts.ts'

export function Rules() {
  const say = useTexts(ALERT_TEXTS)
  const sayMetric = useTexts(METRIC_TEXTS)
  const format = useFormats()
  const { can } = useSession()
  const read = useRead('alertRules.list', {})
  /** `new`, or the rule that is changed. */
  const [edited, setEdited] = useState<AlertRule | 'new'>()
  const [dropped, setDropped] = useState<string>()
  return (
    <Card
      title={say('rules')}
      isFlush
      actions={
        can('alerts:write') ? (
          <Button
            size="compact-md"
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => setEdited('new')}
          >
            {say('makeRule')}
          </Button>
        ) : null
      }
    >
      <Answered read={read}>
        {({ data }) => (
          <List
            label={say('rules')}
            rows={data}
            rowKey={({ name }) => name}
            empty={<Blank title={say('noRules')} />}
            columns={[
              {
                key: 'name',
                label: say('rule'),
                cell: ({ name, enabled }) => (
                  <span style={{ display: 'inline-flex', gap: '0.5rem' }}>
                    <strong>{name}</strong>
                    {enabled ? null : <StateBadge state="paused" label={say('off')} />}
                  </span>
                ),
              },
              { key: 'metric', label: say('metric'), cell: ({ metric }) => sayMetric(metric) },
              {
                key: 'limit',
                label: say('limit'),
                cell: ({ above, below }) =>
                  above === undefined
                    ? `${say('below')} ${format.number(below ?? 0)}`
                    : `${say('above')} ${format.number(above)}`,
              },
              {
                key: 'hold',
                label: say('hold'),
                cell: ({ for: hold }) => hold ?? say('atOnce'),
              },
              {
                key: 'severity',
                label: say('severity'),
                cell: ({ severity }) => <Severity of={severity ?? 'warning'} />,
              },
              {
                key: 'tells',
                label: say('tells'),
                cell: ({ routes }) => (routes ?? ['in-app']).join(', '),
              },
              {
                key: 'source',
                label: say('source'),
                cell: ({ source, by }) => (
                  <span className="quiet">
                    {source === 'house' ? say('house') : say('byWhom', { who: by })}
                  </span>
                ),
              },
              {
                key: 'actions',
                label: <span className="only-read">{say('actions')}</span>,
                isNumber: true,
                cell: (rule) =>
                  can('alerts:write') ? (
                    <span style={{ display: 'inline-flex', gap: '0.4rem' }}>
                      {rule.source === 'person' ? (
                        <Button
                          size="compact-sm"
                          variant="subtle"
                          color="red"
                          onClick={() => setDropped(rule.name)}
                        >
                          {say('drop')}
                        </Button>
                      ) : null}
                      <Button size="compact-sm" variant="default" onClick={() => setEdited(rule)}>
                        {say('edit')}
                      </Button>
                    </span>
                  ) : null,
              },
            ]}
          />
        )}
      </Answered>
      {edited === undefined ? null : (
        <RuleForm
          {...(edited === 'new' ? {} : { rule: edited })}
          onClose={() => setEdited(undefined)}
        />
      )}
      {dropped === undefined ? null : (
        <DropDialog name={dropped} onClose={() => setDropped(undefined)} />
      )}
    </Card>
  )
}

function DropDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const say = useTexts(ALERT_TEXTS)
  const write = useWrite('alertRules.remove', {
    isQuiet: true,
    done: say('dropped', { name }),
    onDone: onClose,
  })
  return (
    <ReasonDialog
      title={say('dropRule', { name })}
      action={say('drop')}
      isOpen
      isDangerous
      isReasonNeeded={false}
      isBusy={write.isPending}
      error={write.error}
      onClose={onClose}
      onGo={() => write.mutate({ params: { name } })}
    >
      <span>{say('dropRuleText')}</span>
    </ReasonDialog>
  )
}
