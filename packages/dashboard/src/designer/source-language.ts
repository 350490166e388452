// How the source is coloured: by its words, line by line, in each of its languages.
import type { Extension } from '@codemirror/state'
import {
  Decoration,
  MatchDecorator,
  ViewPlugin,
  type DecorationSet,
  type EditorView,
  type ViewUpdate,
} from '@codemirror/view'

export type SourceLanguage = 'json' | 'yaml' | 'typescript'

const DOUBLE = String.raw`"(?:[^"\\]|\\.)*"?`
const SINGLE = String.raw`'(?:[^'\\]|\\.)*'?`
const VALUE = String.raw`(?<![\w.])(?:true|false|null|-?\d[\d.]*(?:[eE][+-]?\d+)?)(?![\w.])`
const WORDS: Readonly<Record<SourceLanguage, RegExp>> = {
  json: new RegExp(
    String.raw`(?<key>${DOUBLE}(?=\s*:))|(?<text>${DOUBLE})|(?<value>${VALUE})`,
    'g',
  ),
  yaml: new RegExp(
    String.raw`(?<remark>(?<=^|\s)#.*)|(?<key>(?:${DOUBLE}|[\w.$-]+)(?=:(?:\s|$)))|(?<text>${DOUBLE}|(?<![\w])${SINGLE})|(?<value>${VALUE})`,
    'g',
  ),
  typescript: new RegExp(
    String.raw`(?<remark>//.*|/\*.*?(?:\*/|$))|(?<key>(?:${SINGLE}|${DOUBLE}|[\w$]+)(?=\s*:))|(?<text>${SINGLE}|${DOUBLE}|` +
      '`[^`]*`?' +
      String.raw`)|(?<word>\b(?:import|from|export|default)\b)|(?<value>${VALUE})`,
    'g',
  ),
}

/** Gives the words of a text classes of their own: `word-key`, `word-text` … */
export function coloursOf(language: SourceLanguage): Extension {
  const marks = new Map<string, Decoration>()
  const markOf = (kind: string): Decoration => {
    const mark = marks.get(kind) ?? Decoration.mark({ class: `word-${kind}` })
    marks.set(kind, mark)
    return mark
  }
  const words = new MatchDecorator({
    regexp: WORDS[language],
    decorate(add, from, to, match) {
      const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? []
      if (kind !== undefined && to > from) add(from, to, markOf(kind))
    },
  })
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet
      constructor(view: EditorView) {
        this.decorations = words.createDeco(view)
      }
      update(update: ViewUpdate): void {
        this.decorations = words.updateDeco(update, this.decorations)
      }
    },
    { decorations: (plugin) => plugin.decorations },
  )
}
