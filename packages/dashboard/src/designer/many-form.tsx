// What can be done with several selected steps, and with a note.
import { Button, Textarea, TextInput } from '@mantine/core'
import { useTexts } from '../app/texts.ts'
import { groupOf, removeGroup, removeNote, setGroup, setNote } from './design.ts'
import type { DesignDocument } from './document.ts'
import { align, groupTogether, removeNodes, type Alignment } from './many.ts'
import type { Selection } from './selection.ts'
import { DESIGNER_TEXTS } from './texts.ts'

export interface ManyProps {
  readonly document: DesignDocument
  readonly selection: Selection
  readonly onChange: (document: DesignDocument, about?: string) => void
  readonly onSelect: (selection: Selection) => void
  readonly onDuplicate: () => void
}

const ALIGNMENTS: readonly Alignment[] = ['left', 'right', 'top', 'bottom', 'row', 'column']

export function ManyForm({ document, selection, onChange, onSelect, onDuplicate }: ManyProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const { nodes } = selection
  const name = wholeGroup(document, nodes)
  return (
    <div className="form">
      <h3>{say('chosen', { n: nodes.length })}</h3>
      <p className="dim">{nodes.slice(0, 20).join(', ')}</p>
      {name === undefined ? (
        <Button
          size="xs"
          variant="default"
          onClick={() => onChange(groupTogether(document, nodes, say('groupTitle')))}
        >
          {say('group')}
        </Button>
      ) : (
        <>
          <TextInput
            size="xs"
            label={say('groupName')}
            value={document.design?.groups?.[name]?.title ?? ''}
            onChange={({ currentTarget: { value } }) =>
              onChange(setGroup(document, name, value, nodes), `group ${name}`)
            }
          />
          <Button size="xs" variant="default" onClick={() => onChange(removeGroup(document, name))}>
            {say('ungroup')}
          </Button>
        </>
      )}
      <div role="group" aria-label={say('align')} className="row">
        {ALIGNMENTS.map((how) => (
          <Button
            key={how}
            size="compact-xs"
            variant="default"
            onClick={() => onChange(align(document, nodes, how))}
          >
            {say(`align ${how}`)}
          </Button>
        ))}
      </div>
      <div className="row">
        <Button size="xs" variant="default" onClick={onDuplicate}>
          {say('duplicate')}
        </Button>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            onChange(removeNodes(document, nodes))
            onSelect({ nodes: [] })
          }}
        >
          {say('remove')}
        </Button>
      </div>
    </div>
  )
}

/** The group that is exactly these steps. */
function wholeGroup(document: DesignDocument, nodes: readonly string[]): string | undefined {
  const name = groupOf(document, nodes[0] ?? '')
  if (name === undefined) return undefined
  const all = document.design!.groups![name]!.nodes
  return all.length === nodes.length && all.every((node) => nodes.includes(node)) ? name : undefined
}

export function NoteForm({ document, selection, onChange, onSelect }: ManyProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const name = selection.note!
  const note = document.design?.notes?.[name]
  if (!note) return null
  return (
    <div className="form">
      <Textarea
        size="xs"
        autosize
        minRows={4}
        maxRows={16}
        maxLength={4_000}
        label={say('noteLabel')}
        value={note.text}
        data-note
        onChange={({ currentTarget: { value } }) =>
          onChange(setNote(document, name, { ...note, text: value }), `note ${name}`)
        }
      />
      <Button
        size="xs"
        variant="default"
        onClick={() => {
          onChange(removeNote(document, name))
          onSelect({ nodes: [] })
        }}
      >
        {say('remove')}
      </Button>
    </div>
  )
}
