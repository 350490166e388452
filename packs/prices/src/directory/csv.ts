// Reads a small CSV text whole (RFC 4180). Price files have a reader of their own, which streams.

/** The records that hold anything, as cells. A quote that nobody closes ends with the text. */
export function readCsv(text: string): string[][] {
  const records: string[][] = []
  let cells: string[] = []
  let cell = ''
  let isQuoted = false
  const endRecord = (): void => {
    cells.push(cell)
    if (cells.some((each) => each.trim() !== '')) records.push(cells)
    cells = []
    cell = ''
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (isQuoted) {
      if (char !== '"') cell += char
      else if (text[at + 1] === '"') cell += text[at++]!
      else isQuoted = false
    } else if (char === '"' && cell.trim() === '') {
      cell = ''
      isQuoted = true
    } else if (char === ',') {
      cells.push(cell)
      cell = ''
    } else if (char === '\n') endRecord()
    else if (char !== '\r') cell += char
  }
  endRecord()
  return records
}
