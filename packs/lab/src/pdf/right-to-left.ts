// Breaks text that is read from right to left, or partly, into lines, and draws those: each stretch shaped as a whole.
import type PdfKit from 'pdfkit'
import { hasRightToLeft, startsRightToLeft, visualRuns, type Run } from './bidi.ts'

type Doc = InstanceType<typeof PdfKit>

export interface DrawnLine {
  readonly runs: readonly Run[]
  readonly isRightToLeft: boolean
  readonly width: number
}

/** Lines no wider than `width` in the font and size that are set; a word that is wider is broken. */
export function linesOf(doc: Doc, text: string, width: number): DrawnLine[] {
  return text.split('\n').flatMap((paragraph) => {
    const isRightToLeft = startsRightToLeft(paragraph)
    const lineOf = (line: string): DrawnLine => {
      const runs = visualRuns(line, isRightToLeft).flatMap(digitsApart)
      return { runs, isRightToLeft, width: runs.reduce((sum, run) => sum + widthOf(doc, run), 0) }
    }
    const lines: string[] = []
    let line = ''
    let used = 0
    for (const word of paragraph.split(/(?<=\s)/u).flatMap(piecesOf)) {
      // Words do not change each other's letters, so that their widths add up; the blank at the end of a line needs no room.
      const wide = doc.widthOfString(word, {})
      const needed = used + doc.widthOfString(word.trimEnd(), {})
      if (line !== '' && needed > width) {
        lines.push(line)
        line = word
        used = wide
      } else {
        line += word
        used += wide
      }
    }
    return [...lines, line].map((each) => lineOf(each.trimEnd()))
  })

  /** A word that fits no line, letter by letter. */
  function piecesOf(word: string): string[] {
    return doc.widthOfString(word, {}) > width ? Array.from(word) : [word]
  }
}

export function writeLine(doc: Doc, { runs }: DrawnLine, { x, y }: { x: number; y: number }): void {
  let left = x
  for (const run of runs) {
    doc.text(shownOf(run), left, y, optionsOf(run))
    left += widthOf(doc, run)
  }
}

function widthOf(doc: Doc, run: Run): number {
  return doc.widthOfString(shownOf(run), optionsOf(run))
}

const ARABIC_DIGITS = /([\u0660-\u0669\u06F0-\u06F9\u066B\u066C]+)/u

/** Digits of the Arabic script among what is read from the left, which they are, too. */
function digitsApart(run: Run): Run[] {
  if (run.isRightToLeft) return [run]
  const parts = run.text.split(ARABIC_DIGITS).filter((part) => part !== '')
  return parts.map((text) => ({ text, isRightToLeft: false }))
}

/** The font turns around what is of a script read from the right, its digits too; blanks and signs alone it does not. */
function shownOf({ isRightToLeft, text }: Run): string {
  const isTurned = hasRightToLeft(text) || ARABIC_DIGITS.test(text)
  return isRightToLeft === isTurned ? text : Array.from(text).toReversed().join('')
}

/** With a list of features, even an empty one, a text is shaped as a whole and not word by word. */
function optionsOf({ isRightToLeft }: Run): PDFKit.Mixins.TextOptions {
  return { lineBreak: false, ...(isRightToLeft ? { features: [] } : {}) }
}
