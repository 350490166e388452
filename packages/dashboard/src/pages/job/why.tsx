// The line that says why a job stands where it stands: one sentence, its proof, and the button that helps.
import { Alert, Button, Code } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useRead } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { IconAlertTriangle, IconInfoCircle } from '../../look/icons.ts'
import { JOB_TEXTS } from './texts.ts'

const BAD = new Set([
  'failed',
  'dead',
  'held',
  'no-worker',
  'no-handler',
  'version',
  'quarantined',
  'unknown',
])

export function Why({ id, isOpen }: { readonly id: string; readonly isOpen: boolean }) {
  const say = useTexts(JOB_TEXTS)
  const { data } = useRead('jobs.explain', { params: { id } }, { every: isOpen ? 5_000 : false })
  if (!data) return null
  const isBad = BAD.has(data.cause)
  const proof = Object.entries(data.proof ?? {})
  return (
    <Alert
      color={isBad ? 'red' : 'teal'}
      icon={isBad ? <IconAlertTriangle size={18} /> : <IconInfoCircle size={18} />}
      aria-label={say('why')}
      role="status"
    >
      <span className="why">
        <span>{data.sentence}</span>
        {data.action?.link ? (
          <Button component={Link} to={data.action.link} size="compact-sm" variant="light">
            {data.action.label}
          </Button>
        ) : null}
      </span>
      {proof.length > 0 ? (
        <span className="proof">
          {proof.map(([key, value]) => (
            <span key={key}>
              {key} <Code>{typeof value === 'string' ? value : JSON.stringify(value)}</Code>
            </span>
          ))}
        </span>
      ) : null}
    </Alert>
  )
}
