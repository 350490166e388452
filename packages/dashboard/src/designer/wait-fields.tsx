// What a step waits for: a signal, an event that fits, or a time.
import { Select, TextInput } from '@mantine/core'
import { useTexts } from '../app/texts.ts'
import type { DesignNode } from './document.ts'
import { Expression } from './expression.tsx'
import { DESIGNER_TEXTS } from './texts.ts'
import type { Suggestion } from './upstream.ts'

export interface WaitProps {
  readonly node: DesignNode
  readonly suggestions: readonly Suggestion[]
  readonly set: (fields: Readonly<Record<string, unknown>>, about?: string) => void
}

export function WaitFields({ node, suggestions, set }: WaitProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const until = (node['until'] ?? {}) as Readonly<Record<string, string>>
  const kind = 'event' in until ? 'event' : 'time' in until ? 'time' : 'signal'
  return (
    <>
      <Select
        size="xs"
        allowDeselect={false}
        label={say('waitFor')}
        data={(['signal', 'event', 'time'] as const).map((value) => ({ value, label: say(value) }))}
        value={kind}
        onChange={(value) =>
          set({ until: { [value ?? 'signal']: value === 'time' ? 'input.at' : 'received' } })
        }
      />
      {kind === 'time' ? (
        <Expression
          isRequired
          label={say('time')}
          value={until['time'] ?? ''}
          suggestions={suggestions}
          onChange={(time) => set({ until: { time } }, 'until')}
        />
      ) : (
        <TextInput
          size="xs"
          withAsterisk
          label={say('name')}
          value={until[kind] ?? ''}
          classNames={{ input: 'mono' }}
          onChange={({ currentTarget: { value } }) =>
            set({ until: { ...until, [kind]: value } }, 'until')
          }
        />
      )}
      {kind === 'event' ? (
        <Expression
          label={say('where')}
          value={until['where'] ?? ''}
          suggestions={[{ text: 'event', type: 'what the event carries' }, ...suggestions]}
          onChange={(where) =>
            set(
              { until: { event: until['event'] ?? '', ...(where === '' ? {} : { where }) } },
              'where',
            )
          }
        />
      ) : null}
      {kind === 'time' ? null : (
        <TextInput
          size="xs"
          label={say('timeout')}
          placeholder="7d"
          value={typeof node['timeout'] === 'string' ? node['timeout'] : ''}
          classNames={{ input: 'mono' }}
          onChange={({ currentTarget: { value } }) =>
            set({ timeout: value === '' ? undefined : value }, 'timeout')
          }
        />
      )}
    </>
  )
}
