// The rules: those of the house and those that people made.
import { Button } from '@mantine/core'
import type { AlertRule } from 'orderly/api'
import { useState } from 'react'
import { useRead } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { Blank } from '../../parts/blank.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { StateBadge } from '../../parts/state-badge.tsx'
import { amountOf, spanText } from './amounts.ts'
import { DropDialog } from './drop-dialog.tsx'
import { Severity } from './marks.tsx'
import { RuleForm } from './rule-form.tsx'
import { ALERT_TEXTS, descriptionOf, METRIC_TEXTS, RULE_TEXTS } from './texts.ts'

export function Rules() {
  const say = useTexts(ALERT_TEXTS)
  const sayMetric = useTexts(METRIC_TEXTS)
  const sayRule = useTexts(RULE_TEXTS)
  const format = useFormats()
  const { can } = useSession()
  const read = useRead('alertRules.list', {})
  /** `new`, or the rule that is changed. */
  const [edited, setEdited] = useState<AlertRule | 'new'>()
  const [dropped, setDropped] = useState<string>()
  return (
    <ListCard
      title={say('rules')}
      read={read}
      maker={
        can('alerts:write') ? { label: say('makeRule'), onMake: () => setEdited('new') } : undefined
      }
      rowKey={({ name }) => name}
      empty={<Blank title={say('noRules')} />}
      columns={[
        {
          key: 'name',
          label: say('rule'),
          cell: (rule) => (
            <>
              <strong>{rule.name}</strong>{' '}
              {rule.enabled ? null : <StateBadge state="paused" label={say('off')} />}
              <div className="quiet roomy">{descriptionOf(rule, sayRule)}</div>
            </>
          ),
        },
        { key: 'metric', label: say('metric'), cell: ({ metric }) => sayMetric(metric) },
        {
          key: 'limit',
          label: say('limit'),
          isNumber: true,
          cell: ({ metric, above, below }) =>
            above === undefined
              ? `${say('below')} ${amountOf(format, metric, below ?? 0)}`
              : `${say('above')} ${amountOf(format, metric, above)}`,
        },
        {
          key: 'hold',
          label: say('hold'),
          cell: ({ for: hold }) => (hold === undefined ? say('atOnce') : spanText(format, hold)),
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
            <span className="quiet whole">
              {source === 'house' ? say('house') : say('byWhom', { who: by })}
            </span>
          ),
        },
      ]}
      actions={(rule) =>
        can('alerts:write') ? (
          <>
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
          </>
        ) : null
      }
    >
      {edited === undefined ? null : (
        <RuleForm
          {...(edited === 'new' ? {} : { rule: edited })}
          onClose={() => setEdited(undefined)}
        />
      )}
      {dropped === undefined ? null : (
        <DropDialog what="rule" name={dropped} onClose={() => setDropped(undefined)} />
      )}
    </ListCard>
  )
}
