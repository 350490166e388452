// A secret, shown this once: to be copied before it is closed.
import { Button, Code, CopyButton, Group } from '@mantine/core'
import { useTexts } from '../app/texts.ts'

const TEXTS = {
  copy: ['Copy', 'Copiar'],
  copied: ['Copied', 'Copiado'],
  close: ['I have it', 'Ya lo tengo'],
} as const

export function ShownOnce({
  text,
  secret,
  onClose,
}: {
  /** What it is, and that it is not shown again. */
  readonly text: string
  readonly secret: string
  readonly onClose: () => void
}) {
  const say = useTexts(TEXTS)
  return (
    <div className="stack">
      <span>{text}</span>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {secret}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {say(copied ? 'copied' : 'copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>{say('close')}</Button>
      </Group>
    </div>
  )
}
