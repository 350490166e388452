// The line that says why a job stands where it stands: one sentence, its proof, and the button that helps.
import { Alert, Button, Code } from '@mantine/core'
import { useRead } from '../../api/use.ts'
import { useFormats } from '../../app/format.ts'
import { usePreferences } from '../../app/preferences.ts'
import { useTexts } from '../../app/texts.ts'
import { IconAlertTriangle, IconInfoCircle } from '../../look/icons.ts'
import { CAUSE_TEXTS, JOB_TEXTS, PROOF_TEXTS } from './texts.ts'
import { useSuggestion } from './suggestion.ts'

const GOOD = new Set(['completed', 'running', 'next'])
/** The sentence says it all. */
const PLAIN = new Set(['completed', 'running'])
const BAD = new Set([
  'failed',
  'no-worker',
  'no-handler',
  'needs-newer-worker',
  'key-missing',
  'lost-worker',
  'store-away',
])

export function Why({
  id,
  isOpen,
  onRetry,
}: {
  readonly id: string
  readonly isOpen: boolean
  /** Asks for running it again; undefined where that cannot be. */
  readonly onRetry: (() => void) | undefined
}) {
  const say = useTexts(JOB_TEXTS)
  const cause = useTexts(CAUSE_TEXTS)
  const proof = useTexts(PROOF_TEXTS)
  const { language } = usePreferences()
  const format = useFormats()
  const suggest = useSuggestion(onRetry)
  const { data } = useRead('jobs.explain', { params: { id } }, { every: isOpen ? 5_000 : false })
  if (!data) return null
  const known = (words: string): string =>
    words in PROOF_TEXTS ? proof(words as keyof typeof PROOF_TEXTS) : words
  // The server's sentence is English; elsewhere its cause, times and proof say the same.
  const times = [
    data.since === null ? '' : proof('since', { time: format.fullTime(data.since) }),
    data.until === null ? '' : proof('until', { time: format.fullTime(data.until) }),
  ]
  const sentence =
    language === 'en' || !(data.cause in CAUSE_TEXTS)
      ? data.sentence
      : [cause(data.cause), ...times.filter((each) => each !== '')].join(' · ')
  const isBad = BAD.has(data.cause)
  const go = data.action ? suggest(data.action) : undefined
  return (
    <Alert
      color={isBad ? 'red' : GOOD.has(data.cause) ? 'teal' : 'yellow'}
      icon={isBad ? <IconAlertTriangle size={18} /> : <IconInfoCircle size={18} />}
      aria-label={say('why')}
      role="status"
      {...(data.cause in CAUSE_TEXTS && !PLAIN.has(data.cause) && language === 'en'
        ? { title: cause(data.cause) }
        : {})}
    >
      <span className="why">
        <span>{sentence}</span>
        {data.action && go ? (
          <Button size="compact-sm" variant="default" onClick={go}>
            {known(data.action.title)}
          </Button>
        ) : null}
      </span>
      {data.proof.length > 0 && !PLAIN.has(data.cause) ? (
        <span className="proof">
          {data.proof.map(({ what, value }) => (
            <span key={what}>
              {known(what)}{' '}
              <Code>
                {typeof value === 'number' && value > 1e12 ? format.fullTime(value) : value}
              </Code>
            </span>
          ))}
        </span>
      ) : null}
    </Alert>
  )
}
