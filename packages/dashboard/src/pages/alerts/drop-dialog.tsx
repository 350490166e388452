// Asks before a rule or a route goes.
import { useWrite } from '../../api/use.ts'
import { useTexts } from '../../app/texts.ts'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { ALERT_TEXTS } from './texts.ts'

const REMOVES = {
  rule: { operation: 'alertRules.remove', title: 'dropRule', text: 'dropRuleText' },
  route: { operation: 'alertRoutes.remove', title: 'dropRoute', text: 'dropRouteText' },
} as const

export function DropDialog({
  what,
  name,
  onClose,
}: {
  readonly what: keyof typeof REMOVES
  readonly name: string
  readonly onClose: () => void
}) {
  const say = useTexts(ALERT_TEXTS)
  const { operation, title, text } = REMOVES[what]
  const write = useWrite(operation, {
    isQuiet: true,
    done: say('dropped', { name }),
    onDone: onClose,
  })
  return (
    <FormDialog
      title={say(title, { name })}
      action={say('drop')}
      isDangerous
      isBusy={write.isPending}
      error={write.error}
      onClose={onClose}
      onGo={() => write.mutate({ params: { name } })}
    >
      <span>{say(text)}</span>
    </FormDialog>
  )
}
