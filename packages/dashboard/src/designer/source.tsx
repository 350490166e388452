// The document as text, in two-way sync with the canvas: what can be drawn is, what cannot is said where it is.
import { Button, SegmentedControl } from '@mantine/core'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { Compartment, EditorState, Transaction } from '@codemirror/state'
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useRef, useState } from 'react'
import { NONCE } from '../app/place.ts'
import { useServerWords } from '../app/server-words.ts'
import { useTexts } from '../app/texts.ts'
import { after } from '../app/time-source.ts'
import { useProblemLine } from '../parts/server-text.tsx'
import { ask, type Finding, type NodePlace } from './api.ts'
import type { DesignDocument } from './document.ts'
import { asDrawable, DRAWABLE_TEXTS } from './drawable.ts'
import { coloursOf, type SourceLanguage } from './source-language.ts'
import { DESIGNER_TEXTS } from './texts.ts'

export interface SourceProps {
  readonly document: DesignDocument
  /** The step that is selected, where it is one. */
  readonly chosen: string | undefined
  readonly findings: readonly Finding[]
  readonly onChange: (document: DesignDocument, about: string) => void
  readonly onChoose: (node: string) => void
}

const READ_AFTER_MS = 200
const PRINT_AFTER_MS = 60
const LANGUAGES: readonly { readonly value: SourceLanguage; readonly label: string }[] = [
  { value: 'json', label: 'JSON' },
  { value: 'yaml', label: 'YAML' },
  { value: 'typescript', label: 'TypeScript' },
]

export function Source({ document, chosen, findings, onChange, onChoose }: SourceProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const sayFault = useTexts(DRAWABLE_TEXTS)
  const words = useServerWords()
  const problemLine = useProblemLine()
  const [language, setLanguage] = useState<SourceLanguage>('json')
  const [wrong, setWrong] = useState<string>()
  const [places, setPlaces] = useState<readonly NodePlace[]>([])
  const [isCopied, setCopied] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const colours = useRef(new Compartment())
  const label = useRef(new Compartment())
  /** What the text says, and in which language it says it. */
  const known = useRef<{ document: DesignDocument; language: SourceLanguage } | undefined>(
    undefined,
  )
  const latest = useRef({ onChange, onChoose, language, places, words, sayFault, problemLine })
  latest.current = { onChange, onChoose, language, places, words, sayFault, problemLine }
  /** Only the last question is answered. */
  const asked = useRef(0)

  useEffect(() => {
    let forget = (): void => undefined
    const read = async (editor: EditorView): Promise<void> => {
      const turn = ++asked.current
      const text = editor.state.doc.toString()
      const { language: as } = latest.current
      try {
        const answer = await ask('workflows.read', { body: { text, language: as } })
        if (turn !== asked.current) return
        const { problem } = answer
        const drawable = problem ? undefined : asDrawable(answer.document)
        const fault = drawable && 'fault' in drawable ? drawable.fault : undefined
        if (problem) {
          const { line, column } = problem
          const message = latest.current.words(problem.message)
          setWrong(`${line}:${column} ${message}`)
          const at = Math.min(problem.at, text.length)
          const to = Math.min(at + 1, text.length)
          editor.dispatch(
            setDiagnostics(editor.state, [{ from: at, to, severity: 'error', message }]),
          )
          if (problem.node !== '') latest.current.onChoose(problem.node)
        } else setWrong(fault && latest.current.sayFault(fault.key, fault.values))
        if (!drawable || 'fault' in drawable) return
        known.current = { document: drawable.document, language: as }
        setPlaces(answer.places)
        latest.current.onChange(drawable.document, 'source')
      } catch (error) {
        if (turn === asked.current) setWrong(latest.current.problemLine(error))
      }
    }
    const editor = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        extensions: [
          NONCE === '' ? [] : EditorView.cspNonce.of(NONCE),
          lineNumbers(),
          history(),
          highlightActiveLine(),
          bracketMatching(),
          EditorView.lineWrapping,
          colours.current.of([]),
          lintGutter(),
          keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
          label.current.of([]),
          EditorView.updateListener.of((update) => {
            const isOurs = update.transactions.some(
              (each) => each.annotation(Transaction.remote) === true,
            )
            if (update.docChanged && !isOurs) {
              forget()
              asked.current++
              forget = after(READ_AFTER_MS, () => void read(update.view))
            } else if (update.selectionSet && !update.docChanged && update.view.hasFocus) {
              const { head } = update.state.selection.main
              const at = latest.current.places.find(({ from, to }) => from <= head && head <= to)
              if (at) latest.current.onChoose(at.node)
            }
          }),
        ],
      }),
    })
    view.current = editor
    return () => {
      forget()
      asked.current++
      editor.destroy()
    }
  }, [])

  const sourceLabel = say('sourceLabel', { language: nameOf(language) })
  useEffect(() => {
    view.current?.dispatch({
      effects: [
        colours.current.reconfigure(coloursOf(language)),
        label.current.reconfigure(EditorView.contentAttributes.of({ 'aria-label': sourceLabel })),
      ],
    })
  }, [language, sourceLabel])

  useEffect(() => {
    if (known.current?.document === document && known.current.language === language)
      return undefined
    const turn = ++asked.current
    return after(PRINT_AFTER_MS, () => {
      ask('workflows.print', { body: { document, language } }).then(
        ({ text, places: where }) => {
          const editor = view.current
          if (turn !== asked.current || !editor) return
          known.current = { document, language }
          setWrong(undefined)
          setPlaces(where)
          editor.dispatch({
            changes: difference(editor.state.doc.toString(), text),
            annotations: [Transaction.remote.of(true), Transaction.addToHistory.of(false)],
          })
        },
        (error: unknown) => turn === asked.current && setWrong(latest.current.problemLine(error)),
      )
    })
  }, [document, language])

  // The faults that the server finds stand at the step they are about.
  useEffect(() => {
    const editor = view.current
    if (!editor || wrong !== undefined) return
    const { length } = editor.state.doc
    const marks = findings.flatMap(({ node, message }): Diagnostic[] => {
      const at = places.find((each) => each.node === node)
      if (node !== '' && !at) return []
      const from = Math.min(at?.from ?? 0, length)
      const to = Math.min(editor.state.doc.lineAt(from).to, at?.to ?? length, length)
      return [{ from, to: Math.max(from, to), severity: 'warning', message: words(message) }]
    })
    editor.dispatch(setDiagnostics(editor.state, marks))
  }, [findings, places, wrong, words])

  // The text follows what is selected elsewhere.
  useEffect(() => {
    const editor = view.current
    const at = places.find(({ node }) => node === chosen)
    if (!editor || !at || at.to > editor.state.doc.length || editor.hasFocus) return
    const { head } = editor.state.selection.main
    if (head >= at.from && head <= at.to) return
    editor.dispatch({ selection: { anchor: at.from } })
    // Only the text is scrolled, never the page with it.
    const top = editor.lineBlockAt(at.from).top
    editor.scrollDOM.scrollTop = Math.max(0, top - editor.scrollDOM.clientHeight / 4)
  }, [chosen, places])

  return (
    <div className="source">
      <div className="row">
        <SegmentedControl
          size="xs"
          aria-label={say('language')}
          value={language}
          onChange={(next) => setLanguage(LANGUAGES.find(({ value }) => value === next)!.value)}
          data={[...LANGUAGES]}
        />
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            void copyText(view.current?.state.doc.toString() ?? '').then(setCopied)
          }}
        >
          {isCopied ? say('copied') : say('copySource')}
        </Button>
        <span className="dim">{say('sourceHint')}</span>
      </div>
      {wrong === undefined ? null : (
        <p role="alert" className="wrong">
          {say('sourceWrong', { why: wrong })}
        </p>
      )}
      <div ref={place} />
    </div>
  )
}

function nameOf(language: SourceLanguage): string {
  return LANGUAGES.find(({ value }) => value === language)!.label
}

/** What is different in the middle of two texts: all before and after stays, with the cursor and the place in view. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  let from = 0
  while (from < before.length && from < after.length && before[from] === after[from]) from++
  let same = 0
  const most = Math.min(before.length, after.length) - from
  while (same < most && before.at(-1 - same) === after.at(-1 - same)) same++
  return { from, to: before.length - same, insert: after.slice(from, after.length - same) }
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
