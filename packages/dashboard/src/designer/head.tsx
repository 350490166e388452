// The head of the designer: what is worked on, how it stands, and what can be done with all of it.
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { usePackWords } from '../app/pack-words.ts'
import { useSession } from '../app/session.ts'
import { useTexts } from '../app/texts.ts'
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconNote,
  IconPlus,
  IconSearch,
  IconWand,
} from '../look/icons.ts'
import { DESIGNER_TEXTS } from './texts.ts'
import type { Draft } from './use-draft.ts'

export interface HeadProps {
  readonly id: string
  readonly draft: Draft
  /** The version that is deployed; 0 where none is. */
  readonly deployed: number
  readonly isEmpty: boolean
  readonly onSave: () => void
  readonly onDeploy: () => void
  readonly onTidy: () => void
  readonly onNote: () => void
  readonly onFind: () => void
  readonly onInsert: () => void
}

export function Head({
  id,
  draft,
  deployed,
  isEmpty,
  onSave,
  onDeploy,
  onTidy,
  onNote,
  onFind,
  onInsert,
}: HeadProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const { can } = useSession()
  const tell = usePackWords(null)
  const { title } = draft.document
  return (
    <header>
      <h1>{title === undefined ? id : tell(title)}</h1>
      <span className="dim">
        {!draft.isSaved
          ? `${say('unsaved')} · `
          : draft.revision > 0
            ? `${say('draft', { revision: draft.revision })} · `
            : ''}
        {deployed > 0 ? (
          <Link className="link" to="/workflows/$id" params={{ id }}>
            {say('deployed', { version: deployed })}
          </Link>
        ) : (
          say('undeployed')
        )}
        {can('workflows:write') ? null : ` · ${say('readOnly')}`}
      </span>
      <div className="row end">
        <Tool label={say('insert')} onClick={onInsert}>
          <IconPlus size={16} aria-hidden />
        </Tool>
        <Tool label={say('undo')} isOff={!draft.canUndo} onClick={draft.undo}>
          <IconArrowBackUp size={16} aria-hidden />
        </Tool>
        <Tool label={say('redo')} isOff={!draft.canRedo} onClick={draft.redo}>
          <IconArrowForwardUp size={16} aria-hidden />
        </Tool>
        <Tool label={say('search')} isOff={isEmpty} onClick={onFind}>
          <IconSearch size={16} aria-hidden />
        </Tool>
        <Tool label={say('note')} onClick={onNote}>
          <IconNote size={16} aria-hidden />
        </Tool>
        <Tool label={say('arrange')} isOff={isEmpty} onClick={onTidy}>
          <IconWand size={16} aria-hidden />
        </Tool>
        {can('workflows:write') ? (
          <Button size="xs" variant="default" onClick={onSave}>
            {say('save')}
          </Button>
        ) : null}
        {can('workflows:write') && can('workflows:deploy') ? (
          <Button size="xs" disabled={isEmpty} onClick={onDeploy}>
            {say('deploy')}
          </Button>
        ) : null}
      </div>
    </header>
  )
}

function Tool({
  label,
  isOff = false,
  onClick,
  children,
}: {
  readonly label: string
  readonly isOff?: boolean
  readonly onClick: () => void
  readonly children: ReactNode
}) {
  return (
    <Tooltip label={label} openDelay={400}>
      <ActionIcon variant="default" size={30} aria-label={label} disabled={isOff} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}
