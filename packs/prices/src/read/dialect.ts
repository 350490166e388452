// Owns the guess at a text file's dialect: its delimiter, its line ends and whether it quotes.
import { RecordScanner, type Dialect } from './delimited.ts'
import type { Encoding } from './encoding.ts'
import type { Limits } from './limits.ts'
import { streamText, type Source } from './source.ts'

const DELIMITERS: readonly Dialect['delimiter'][] = [',', '\t', '|', ';']
const SAMPLE_RECORDS = 300
const SAMPLE_BYTES = 256 * 1024

export async function guessDialect(
  source: Source,
  encoding: Encoding,
  limits: Limits,
  start: number,
): Promise<Dialect> {
  const newline = await guessNewline(source, encoding, start)
  let best: Dialect = { delimiter: ',', quotes: true, newline }
  let bestScore = 0
  for (const delimiter of DELIMITERS) {
    let dialect: Dialect = { delimiter, quotes: true, newline }
    let sample = await judge(source, encoding, limits, start, dialect)
    if (sample.odd > 0) {
      // Quotes that do not close are inches or apostrophes; perhaps none of them quotes.
      const bare: Dialect = { ...dialect, quotes: false }
      const without = await judge(source, encoding, limits, start, bare)
      if (without.score > sample.score) {
        dialect = bare
        sample = without
      }
    }
    if (sample.score > bestScore) {
      best = dialect
      bestScore = sample.score
    }
  }
  return best
}

/** The share of records that have the commonest number of cells; more cells break a tie. */
async function judge(
  source: Source,
  encoding: Encoding,
  limits: Limits,
  start: number,
  dialect: Dialect,
): Promise<{ score: number; odd: number }> {
  const stream = streamText(source, encoding, start)
  const scanner = new RecordScanner(
    stream,
    dialect,
    encoding,
    limits,
    { byte: start, row: 0 },
    128 * 1024,
  )
  const counts = new Map<number, number>()
  let records = 0
  let unclosed = 0
  let odd = 0
  sampling: while (await scanner.fill())
    while (scanner.next()) {
      if (scanner.problem === 'QUOTE_UNCLOSED') unclosed++
      if (scanner.odd) odd++
      if (!scanner.blank) {
        records++
        counts.set(scanner.count, (counts.get(scanner.count) ?? 0) + 1)
      }
      if (records >= SAMPLE_RECORDS || scanner.nextByte - start > SAMPLE_BYTES) break sampling
    }
  let score = 0
  for (const [cells, times] of counts) {
    if (cells < 2) continue
    score = Math.max(score, times / records + Math.min(cells, 50) / 1000)
  }
  return { score: score - unclosed / Math.max(1, records), odd }
}

async function guessNewline(
  source: Source,
  encoding: Encoding,
  start: number,
): Promise<Dialect['newline']> {
  const piece = Buffer.alloc(64 * 1024)
  const bytes = await streamText(source, encoding, start).read(piece, 0)
  const text = piece.toString('latin1', 0, bytes)
  const feeds = text.split('\n').length - 1
  const returns = text.replaceAll('\r\n', '').split('\r').length - 1
  return returns > feeds * 10 ? 'cr' : 'lf'
}
