// One step, one note and one frame of a group, as the canvas draws them.
import { Handle, Position, type Node, type NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { StepSign } from './step-sign.tsx'

export type StepNode = Node<
  {
    readonly name: string
    readonly kind: string
    readonly detail: string
    readonly problems: number
    readonly isStart: boolean
    readonly isLongest: boolean
    readonly isFree: boolean
    readonly isPinned: boolean
    readonly insert: (name: string) => void
    readonly words: StepWords
  },
  'step'
>
export type NoteNode = Node<{ readonly text: string }, 'note'>
export type GroupNode = Node<{ readonly title: string; readonly choose: () => void }, 'group'>

export interface StepWords {
  readonly kind: string
  readonly insertAfter: string
  readonly pinned: string
}

const Step = memo(function Step({ data, selected }: NodeProps<StepNode>) {
  const marks = ['step', `step-${data.kind}`]
  if (selected) marks.push('is-selected')
  if (data.problems > 0) marks.push('is-wrong')
  if (data.isLongest) marks.push('is-longest')
  return (
    <div className={marks.join(' ')}>
      <Handle
        type="target"
        position={Position.Left}
        isConnectable={!data.isFree}
        className={data.isFree ? 'is-hidden' : undefined}
      />
      <span className="step-kind">
        {data.isStart ? '▶ ' : ''}
        <StepSign kind={data.kind} /> {data.words.kind}
        {data.isPinned ? (
          <span className="step-pin" title={data.words.pinned}>
            ◆
          </span>
        ) : null}
      </span>
      <strong>{data.name}</strong>
      <span className="step-detail">{data.detail}</span>
      {data.problems > 0 ? <span className="step-problems">{data.problems}</span> : null}
      {data.isFree ? null : (
        <>
          <Handle type="source" position={Position.Right} />
          <button
            type="button"
            className="step-insert nodrag"
            aria-label={data.words.insertAfter}
            title={data.words.insertAfter}
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation()
              data.insert(data.name)
            }}
          >
            +
          </button>
        </>
      )}
    </div>
  )
})

const NoteBox = memo(function NoteBox({ data, selected }: NodeProps<NoteNode>) {
  return <div className={selected ? 'note is-selected' : 'note'}>{data.text}</div>
})

const GroupBox = memo(function GroupBox({ data }: NodeProps<GroupNode>) {
  return (
    <div className="group-box">
      <button type="button" tabIndex={-1} className="nodrag" onClick={data.choose}>
        {data.title}
      </button>
    </div>
  )
})

export const NODE_TYPES = { step: Step, note: NoteBox, group: GroupBox }
