// The document as text, in two-way sync with the canvas: what can be drawn is, what cannot is said where it is.
import { defaultKeymap } from '@codemirror/commands'
import { json, jsonParseLinter } from '@codemirror/lang-json'
import { bracketMatching, defaultHighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { linter, lintGutter } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useRef, useState } from 'react'
import { NONCE } from '../app/place.ts'
import { useTexts } from '../app/texts.ts'
import type { DesignDocument } from './document.ts'
import { fromSource, toSource } from './model.ts'
import { DESIGNER_TEXTS } from './texts.ts'

export interface SourceProps {
  readonly document: DesignDocument
  readonly onChange: (document: DesignDocument, about: string) => void
}

export function Source({ document, onChange }: SourceProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const known = useRef(document)
  const latest = useRef(onChange)
  latest.current = onChange
  const [wrong, setWrong] = useState<string>()
  const label = say('sourceLabel')

  useEffect(() => {
    const editor = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: toSource(known.current),
        extensions: [
          NONCE === '' ? [] : EditorView.cspNonce.of(NONCE),
          lineNumbers(),
          highlightActiveLine(),
          bracketMatching(),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          json(),
          linter(jsonParseLinter()),
          lintGutter(),
          keymap.of(defaultKeymap),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return
            const text = update.state.doc.toString()
            // What came from the canvas is no change of the text's own.
            if (text === toSource(known.current)) return
            const read = fromSource(text)
            setWrong('error' in read ? read.error : undefined)
            if ('error' in read) return
            known.current = read.document
            latest.current(read.document, 'source')
          }),
        ],
      }),
    })
    view.current = editor
    return () => editor.destroy()
  }, [label])

  useEffect(() => {
    const editor = view.current
    if (!editor || known.current === document) return
    known.current = document
    const text = toSource(document)
    setWrong(undefined)
    if (editor.state.doc.toString() !== text)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [document])

  return (
    <div className="source">
      {wrong === undefined ? null : (
        <p role="alert" className="wrong">
          {say('sourceWrong', { why: wrong })}
        </p>
      )}
      <div ref={place} />
    </div>
  )
}
