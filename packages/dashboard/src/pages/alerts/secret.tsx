// A secret, shown this once.
import { Button, Code, CopyButton, Group } from '@mantine/core'
import { useTexts } from '../../app/texts.ts'
import { WEBHOOK_TEXTS } from './webhook-texts.ts'

export function Secret({
  secret,
  text,
  onClose,
}: {
  readonly secret: string
  readonly text?: string
  readonly onClose: () => void
}) {
  const say = useTexts(WEBHOOK_TEXTS)
  return (
    <div className="stack">
      <span>
        {say('secret')} {text}
      </span>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {secret}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={secret}>
          {({ copy }) => (
            <Button variant="default" onClick={copy}>
              {say('copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>{say('close')}</Button>
      </Group>
    </div>
  )
}
