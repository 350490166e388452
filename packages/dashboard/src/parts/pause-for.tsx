// When what is paused goes on: by hand, or by itself after a time.
import { Select } from '@mantine/core'
import { useFormats } from '../app/format.ts'
import { useTexts } from '../app/texts.ts'
import { spanOptions } from './span-options.ts'

const TEXTS = {
  pauseFor: ['Goes on', 'Sigue'],
  untilResumed: ['when somebody resumes it', 'cuando alguien la reanude'],
  after: ['after {time}', 'pasado {time}'],
} as const

export interface PauseForProps {
  /** A span as the API takes it; empty until somebody resumes it. */
  readonly value: string
  readonly onChange: (span: string) => void
}

export function PauseFor({ value, onChange }: PauseForProps) {
  const say = useTexts(TEXTS)
  const format = useFormats()
  return (
    <Select
      label={say('pauseFor')}
      value={value}
      onChange={(next) => onChange(next ?? '')}
      allowDeselect={false}
      data={[
        { value: '', label: say('untilResumed') },
        ...spanOptions(format).map((option) => ({
          value: option.value,
          label: say('after', { time: option.label }),
        })),
      ]}
    />
  )
}
