// Asks before work that is not saved is left behind.
import { Button } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { useTexts } from '../app/texts.ts'
import { DESIGNER_TEXTS } from './texts.ts'
import { Dialog } from '../parts/dialog.tsx'

export interface LeavingProps {
  readonly isSaved: boolean
  /** @returns the revision that was saved; undefined where it could not be */
  readonly onSave: () => Promise<number | undefined>
}

export function Leaving({ isSaved, onSave }: LeavingProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => !isSaved,
    enableBeforeUnload: !isSaved,
    withResolver: true,
  })
  if (status !== 'blocked') return null
  const saveAndGo = async (): Promise<void> => {
    if ((await onSave()) === undefined) reset()
    else proceed()
  }
  return (
    <Dialog opened onClose={reset} title={say('leaving')}>
      <div className="form">
        <p>{say('leavingText')}</p>
        <div className="row end">
          <Button variant="default" onClick={reset}>
            {say('stay')}
          </Button>
          <Button variant="default" color="red" onClick={proceed}>
            {say('leave')}
          </Button>
          <Button data-autofocus onClick={() => void saveAndGo()}>
            {say('saveAndLeave')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
