// A moment that a person types as the wall of a zone shows it. What is not touched stays as it was, to the millisecond.
import { TextInput, type TextInputProps } from '@mantine/core'
import { zoneName } from '../app/format.ts'
import { usePreferences } from '../app/preferences.ts'
import { momentOf, wallText } from '../app/wall-time.ts'

export interface MomentFieldProps extends Omit<TextInputProps, 'value' | 'onChange' | 'type'> {
  /** Milliseconds since 1970 UTC. */
  readonly value: number | null
  readonly onChange: (at: number | null) => void
  /** An IANA name; the zone that the reader has chosen unless told. */
  readonly zone?: string
}

export function MomentField({ value, onChange, zone, ...input }: MomentFieldProps) {
  const { zone: chosen } = usePreferences()
  const wall = zone ?? zoneName(chosen)
  return (
    <TextInput
      {...input}
      type="datetime-local"
      value={value === null ? '' : wallText(value, wall)}
      onChange={(event) => onChange(momentOf(event.currentTarget.value, wall))}
    />
  )
}
