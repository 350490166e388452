// The texts in a program's source, as they are written: of templates each `${…}` becomes `{0}`, `{1}` and so on.

/** Every literal text of a source, with where it begins. Comments are passed over. */
export function literalsOf(source: string): { readonly at: number; readonly text: string }[] {
  const found: { at: number; text: string }[] = []
  for (let at = 0; at < source.length;) {
    const mark = source[at]
    if (source.startsWith('//', at)) at = endOf(source, '\n', at)
    else if (source.startsWith('/*', at)) at = endOf(source, '*/', at)
    else if (mark === "'" || mark === '"' || mark === '`') {
      const { text, end, places } = readText(source, at, mark)
      found.push({ at, text })
      for (const [from, to] of places)
        found.push(
          ...literalsOf(source.slice(from, to)).map((each) => ({ ...each, at: from + each.at })),
        )
      at = end
    } else at++
  }
  return found
}

function endOf(source: string, what: string, from: number): number {
  const end = source.indexOf(what, from)
  return end < 0 ? source.length : end + what.length
}

interface Read {
  readonly text: string
  readonly end: number
  /** From where to where something is put in. */
  readonly places: readonly (readonly [number, number])[]
}

function readText(source: string, from: number, mark: string): Read {
  let text = ''
  const places: [number, number][] = []
  let at = from + 1
  while (at < source.length && source[at] !== mark) {
    if (source[at] === '\n' && mark !== '`') break
    if (source[at] === '\\') {
      text += source[at + 1]
      at += 2
    } else if (mark === '`' && source.startsWith('${', at)) {
      const begins = at + 2
      at = endOfPlace(source, begins)
      text += `{${places.push([begins, at - 1]) - 1}}`
    } else text += source[at++]
  }
  return { text, end: at + 1, places }
}

function endOfPlace(source: string, from: number): number {
  let depth = 1
  let at = from
  for (; depth > 0 && at < source.length; at++) {
    if (source[at] === '{') depth++
    if (source[at] === '}') depth--
  }
  return at
}
