// The name of a new schedule and what it begins.
import { Group, Select, TextInput } from '@mantine/core'
import { useRead } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { SCHEDULE_TEXTS } from './texts.ts'

export function TargetFields({
  id,
  choice,
  onId,
  onChoice,
}: {
  readonly id: string
  readonly choice: string | null
  readonly onId: (id: string) => void
  readonly onChoice: (choice: string | null) => void
}) {
  const say = useTexts(SCHEDULE_TEXTS)
  const { can } = useSession()
  const types = useRead('types.list', {})
  const workflows = useRead('workflows.list', {}, { enabled: can('workflows:run') })
  return (
    <Group grow align="flex-start">
      <TextInput
        label={say('id')}
        required
        value={id}
        onChange={(event) => onId(event.currentTarget.value)}
      />
      <Select
        label={say('what')}
        required
        searchable
        value={choice}
        onChange={onChoice}
        data={[
          {
            group: say('jobs'),
            items: (types.data?.data ?? []).map(({ name }) => ({
              value: `job:${name}`,
              label: name,
            })),
          },
          {
            group: say('workflows'),
            items: (workflows.data?.data ?? [])
              .filter(({ version }) => version !== null)
              .map(({ id: name }) => ({ value: `workflow:${name}`, label: name })),
          },
        ]}
      />
    </Group>
  )
}
