// Acting on many jobs.
import { Drawer } from '@mantine/core'
import { useTexts } from '../../app/texts.ts'
import { JOBS_TEXTS } from './texts.ts'

export type BulkTarget = { readonly ids: readonly string[] } | { readonly q: string }

export function BulkDrawer({
  onClose,
}: {
  readonly target: BulkTarget
  readonly onClose: () => void
}) {
  const say = useTexts(JOBS_TEXTS)
  return <Drawer opened onClose={onClose} title={say('actOnChosen')} position="right" />
}
