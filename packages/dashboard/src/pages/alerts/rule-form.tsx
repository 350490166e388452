// Making or changing a rule. It is saved only after its author has seen what it would have done in the last week.
import {
  Button,
  Group,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  Switch,
  TextInput,
} from '@mantine/core'
import type { AlertRule, AlertRuleBody } from 'orderly/api'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { Failure, Loading } from '../../parts/blank.tsx'
import { spanText, UNITS } from './amounts.ts'
import { splitNames } from './names.ts'
import { ALERT_TEXTS, METRIC_TEXTS } from './texts.ts'
import { Tried } from './tried.tsx'
import { SideDialog } from '../../parts/dialog.tsx'

type Metric = AlertRuleBody['metric']
const METRICS = Object.keys(METRIC_TEXTS) as Metric[]
const HOLDS = ['', '20s', '1m', '2m', '5m', '15m', '1h']
const WINDOWS = ['1m', '5m', '15m', '1h', '6h', '1d']
const SEARCHES = [
  ['state', 'searchState'],
  ['queue', 'searchQueue'],
  ['name', 'searchName'],
  ['errorCode', 'searchError'],
] as const

export function RuleForm({
  rule,
  onClose,
}: {
  readonly rule?: AlertRule
  readonly onClose: () => void
}) {
  const say = useTexts(ALERT_TEXTS)
  const sayMetric = useTexts(METRIC_TEXTS)
  const format = useFormats()
  const [name, setName] = useState(rule?.name ?? '')
  const [description, setDescription] = useState(rule?.description ?? '')
  const [metric, setMetric] = useState<Metric>(rule?.metric ?? 'queue.oldest')
  const [subjects, setSubjects] = useState((rule?.subjects ?? []).join(', '))
  const [search, setSearch] = useState<NonNullable<AlertRuleBody['search']>>(rule?.search ?? {})
  const [direction, setDirection] = useState(rule?.below === undefined ? 'above' : 'below')
  const [limit, setLimit] = useState<number | string>(rule?.above ?? rule?.below ?? '')
  const [span, setSpan] = useState(rule?.window ?? '5m')
  const [hold, setHold] = useState(rule?.for ?? '')
  const [minimum, setMinimum] = useState<number | string>(rule?.minimum ?? 5)
  const [severity, setSeverity] = useState(rule?.severity ?? 'warning')
  const [told, setTold] = useState<string[]>(rule?.routes ?? ['in-app'])
  const [isEnabled, setEnabled] = useState(rule?.enabled ?? true)
  const routes = useRead('alertRoutes.list', {})
  const test = useWrite('alertRules.try', { isQuiet: true })
  const save = useWrite('alertRules.put', {
    isQuiet: true,
    renews: ['alerts'],
    done: (saved) => say('saved', { name: saved.name }),
    onDone: onClose,
  })
  const isCounted = /^(jobs\.(failed|failure-rate|found)|schedules\.missed)$/.test(metric)
  const body: AlertRuleBody = {
    metric,
    severity,
    routes: told,
    enabled: isEnabled,
    ...(direction === 'above' ? { above: Number(limit) } : { below: Number(limit) }),
    ...(description.trim() === '' ? {} : { description: description.trim() }),
    ...(splitNames(subjects).length === 0 ? {} : { subjects: splitNames(subjects) }),
    ...(metric === 'jobs.found' ? { search } : {}),
    ...(isCounted ? { window: span } : {}),
    ...(hold === '' ? {} : { for: hold }),
    ...(metric === 'jobs.failure-rate' ? { minimum: Number(minimum) } : {}),
  }
  const request = { params: { name: name.trim() }, body: { rule: body, last: '7d' } }
  /** What was tried is what would be saved. */
  const isTried =
    test.data !== undefined && JSON.stringify(test.variables) === JSON.stringify(request)
  return (
    <SideDialog
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={rule ? say('changeRule', { name: rule.name }) : say('makeRule')}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (isTried) save.mutate({ params: request.params, body })
          else test.mutate(request)
        }}
      >
        {rule ? null : (
          <TextInput
            label={say('ruleName')}
            description={say('ruleNameText')}
            required
            pattern="[a-z0-9][a-z0-9\-]{0,62}"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <TextInput
          label={say('description')}
          maxLength={500}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Select
          label={say('metric')}
          value={metric}
          allowDeselect={false}
          onChange={(value) => setMetric(value ?? metric)}
          data={METRICS.map((value) => ({ value, label: sayMetric(value) }))}
        />
        {metric === 'jobs.found' ? (
          <Group grow align="flex-end">
            {SEARCHES.map(([key, text]) => (
              <TextInput
                key={key}
                label={say(text)}
                value={search[key] ?? ''}
                onChange={(event) => {
                  const { [key]: _before, ...others } = search
                  const { value } = event.currentTarget
                  setSearch(value === '' ? others : { ...others, [key]: value })
                }}
              />
            ))}
          </Group>
        ) : (
          <TextInput
            label={say('subjects')}
            description={say('subjectsText')}
            value={subjects}
            onChange={(event) => setSubjects(event.currentTarget.value)}
          />
        )}
        <Group align="flex-end">
          <SegmentedControl
            aria-label={say('direction')}
            value={direction}
            onChange={setDirection}
            data={[
              { value: 'above', label: say('above') },
              { value: 'below', label: say('below') },
            ]}
          />
          <NumberInput
            label={say('limit')}
            required
            value={limit}
            onChange={setLimit}
            suffix={metric in UNITS ? ` ${UNITS[metric]}` : ''}
            w={140}
          />
          {metric === 'jobs.failure-rate' ? (
            <NumberInput
              label={say('minimum')}
              min={1}
              allowDecimal={false}
              required
              value={minimum}
              onChange={setMinimum}
              w={200}
            />
          ) : null}
        </Group>
        <Group align="flex-end">
          {isCounted ? (
            <Select
              label={say('window')}
              value={span}
              allowDeselect={false}
              onChange={(value) => setSpan(value ?? '5m')}
              data={withOwn(WINDOWS, span).map((value) => ({
                value,
                label: spanText(format, value),
              }))}
              w={140}
            />
          ) : null}
          <Select
            label={say('hold')}
            value={hold}
            allowDeselect={false}
            onChange={(value) => setHold(value ?? '')}
            data={withOwn(HOLDS, hold).map((value) => ({
              value,
              label: value === '' ? say('atOnce') : spanText(format, value),
            }))}
            w={140}
          />
          <SegmentedControl
            aria-label={say('severity')}
            value={severity}
            onChange={setSeverity}
            data={[
              { value: 'warning', label: say('warning') },
              { value: 'critical', label: say('critical') },
            ]}
          />
        </Group>
        <MultiSelect
          label={say('tells')}
          data={(routes.data?.data ?? []).map((route) => route.name)}
          value={told}
          onChange={setTold}
        />
        <Switch
          label={say('enabled')}
          checked={isEnabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
        <div aria-live="polite" className="stack">
          {test.isPending ? (
            <>
              <span className="quiet">{say('trying')}</span>
              <Loading lines={3} />
            </>
          ) : isTried && test.data ? (
            <Tried metric={metric} result={test.data} />
          ) : (
            <span className="quiet">{say('triedFirst')}</span>
          )}
        </div>
        {test.error ? <Failure error={test.error} /> : null}
        {save.error ? <Failure error={save.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" loading={test.isPending || save.isPending} disabled={limit === ''}>
            {say(isTried ? 'save' : 'try')}
          </Button>
        </Group>
      </form>
    </SideDialog>
  )
}

/** The spans people choose from, and the one that a rule has. */
function withOwn(spans: readonly string[], own: string): string[] {
  return spans.includes(own) ? [...spans] : [own, ...spans]
}
