// The steps as a list, in the order they are read in: the canvas for those who do not see it, and for small screens.
import { useRef } from 'react'
import { useTexts } from '../app/texts.ts'
import { kindWord } from '../parts/step-kinds.ts'
import type { DesignDocument } from './document.ts'
import { inOrder, toggled, type Selection } from './selection.ts'
import { detailOf, StepSign } from './step-sign.tsx'
import { DESIGNER_TEXTS } from './texts.ts'

export interface OutlineProps {
  readonly document: DesignDocument
  readonly selection: Selection
  readonly problems: ReadonlyMap<string, number>
  readonly onSelect: (selection: Selection) => void
}

export function Outline({ document, selection, problems, onSelect }: OutlineProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const list = useRef<HTMLOListElement>(null)
  const order = inOrder(document)
  const focus = (at: number): void => {
    const name = order[Math.max(0, Math.min(at, order.length - 1))]
    if (name === undefined) return
    onSelect({ nodes: [name] })
    list.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(name)}"]`)?.focus()
  }
  if (order.length === 0) return <p className="dim">{say('noSteps')}</p>
  return (
    <ol className="outline" data-outline ref={list} aria-label={say('outline')}>
      {order.map((name, at) => {
        const node = document.nodes[name]!
        const isChosen = selection.nodes.includes(name)
        const wrong = problems.get(name) ?? 0
        const next = document.edges.filter(({ from }) => from === name)
        return (
          <li key={name} className={isChosen ? 'is-selected' : undefined}>
            <button
              type="button"
              data-step={name}
              aria-pressed={isChosen}
              onClick={(event) =>
                onSelect(
                  event.ctrlKey || event.metaKey || event.shiftKey
                    ? toggled(selection, name)
                    : { nodes: [name] },
                )
              }
              onKeyDown={(event) => {
                const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: order.length }[
                  event.key
                ]
                if (to === undefined) return
                event.preventDefault()
                focus(to)
              }}
            >
              <span className={`outline-sign step-${node.type}`} aria-hidden>
                <StepSign kind={node.type} size={18} />
              </span>
              <span className="outline-name">
                <strong>{name}</strong>{' '}
                <span className="only-read">{kindWord(node.type, say)}</span>
                <span className="dim">{detailOf(node)}</span>
              </span>
              {wrong > 0 ? (
                <span className="step-problems">
                  {wrong} <span className="only-read">{say('problemsOf', { n: wrong })}</span>
                </span>
              ) : null}
            </button>
            {next.length > 0 ? (
              <span className="outline-next">
                {next.map(({ from, to, when, otherwise }) => (
                  <button
                    key={to}
                    type="button"
                    aria-label={say('edge', { from, to })}
                    aria-pressed={selection.edge?.from === from && selection.edge.to === to}
                    onClick={() => onSelect({ nodes: [], edge: { from, to } })}
                  >
                    → {to}
                    {otherwise ? ` (${say('otherwise')})` : when === undefined ? '' : ' (?)'}
                  </button>
                ))}
              </span>
            ) : null}
          </li>
        )
      })}
    </ol>
  )
}
