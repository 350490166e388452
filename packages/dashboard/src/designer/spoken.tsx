// Says what has changed and what is selected, for those who hear the page.
import { useEffect, useRef, useState } from 'react'
import { useServerWords } from '../app/server-words.ts'
import { useTexts } from '../app/texts.ts'
import { kindWord } from '../parts/step-kinds.ts'
import type { Finding } from './api.ts'
import { differences } from './describe.ts'
import type { DesignDocument } from './document.ts'
import type { Selection } from './selection.ts'
import { detailOf } from './step-sign.tsx'
import { DESIGNER_TEXTS } from './texts.ts'

export interface SpokenProps {
  readonly document: DesignDocument
  readonly selection: Selection
  readonly findings: readonly Finding[]
}

export function Spoken({ document, selection, findings }: SpokenProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const words = useServerWords()
  const tell = useRef(words)
  tell.current = words
  const before = useRef({ document, selection })
  const [heard, setHeard] = useState('')
  useEffect(() => {
    const { document: was, selection: had } = before.current
    before.current = { document, selection }
    const told = was === document ? [] : differences(was, document)
    const heardNow = [
      ...told.map(({ key, values }) =>
        say(
          key,
          'type' in values ? { ...values, type: kindWord(String(values['type']), say) } : values,
        ),
      ),
      ...(sameChoice(had, selection) ? [] : [choiceText()]),
    ]
    if (heardNow.some((text) => text !== ''))
      setHeard(heardNow.filter((text) => text !== '').join('. '))

    function choiceText(): string {
      const { nodes, edge, note } = selection
      if (edge) return say('edge', edge)
      if (note !== undefined) return say('noteLabel')
      if (nodes.length > 1) return say('chosen', { n: nodes.length })
      const [name] = nodes
      const node = name === undefined ? undefined : document.nodes[name]
      if (name === undefined || !node) return ''
      const next = document.edges.filter(({ from }) => from === name).map(({ to }) => to)
      const own = findings
        .filter((each) => each.node === name)
        .map(({ message }) => tell.current(message))
      return [
        `${name}, ${kindWord(node.type, say)} ${detailOf(node)}`.trim(),
        next.length > 0 ? say('leadsTo', { names: next.join(', ') }) : say('leadsNowhere'),
        ...own,
      ].join('. ')
    }
    // Findings are told below; here they only complete what is said of a step that is chosen.
  }, [document, selection, say])
  const known = useRef<readonly Finding[]>(findings)
  const [wrong, setWrong] = useState('')
  useEffect(() => {
    const had = new Set(known.current.map(keyOf))
    const now = new Set(findings.map(keyOf))
    known.current = findings
    const added = findings.filter((one) => !had.has(keyOf(one)))
    if (added.length === 0 && [...had].every((key) => now.has(key))) return
    const fresh = added.slice(0, 2).map(({ message }) => tell.current(message))
    setWrong([say('problemsNow', { n: findings.length }), ...fresh].join('. '))
  }, [findings, say])
  return (
    <>
      <p className="only-read" role="status" data-heard>
        {heard}
      </p>
      <p className="only-read" role="status" data-problems>
        {wrong}
      </p>
    </>
  )
}

function keyOf({ node, code, message }: Finding): string {
  return `${node} ${code} ${message}`
}

function sameChoice(a: Selection, b: Selection): boolean {
  return (
    a.nodes.join() === b.nodes.join() &&
    a.edge?.from === b.edge?.from &&
    a.edge?.to === b.edge?.to &&
    a.note === b.note
  )
}
