// Reads a value written out as JSON or as a TypeScript literal, and never runs it; says where each part of it is.

/** `json`: as RFC 8259 has it. `typescript`: also comments, names as keys, single quotes, templates, trailing commas. */
export type Dialect = 'json' | 'typescript'

export type FieldPath = readonly (string | number)[]

/** What cannot be read, the offset where, and the keys that lead there. */
export class LiteralError extends Error {
  readonly at: number
  readonly path: FieldPath
  constructor(message: string, at: number, path: FieldPath = []) {
    super(message)
    this.at = at
    this.path = path
  }
}

/** Where a part of a text is: offsets in UTF-16 units, the second one behind it. */
export interface Extent {
  readonly from: number
  readonly to: number
}

export interface ReadLiteral {
  readonly value: unknown
  /** The offset behind it. */
  readonly end: number
}

/** Told of each field: the keys that lead to it, and where it is, its key included. */
export type OnField = (path: FieldPath, extent: Extent) => void

const DEEPEST = 100
const MOST_TOLD = 3

/** @throws LiteralError */
export function readLiteral(
  text: string,
  from: number,
  dialect: Dialect,
  onField: OnField = () => undefined,
): ReadLiteral {
  const reader = new Reader(text, from, dialect, onField)
  const value = reader.value([])
  return { value, end: reader.at }
}

/** The offset of what comes next that is neither space nor, in TypeScript, a comment. */
export function skipSpace(text: string, from: number, dialect: Dialect): number {
  const pattern =
    dialect === 'json' ? /[ \t\r\n]*/y : /(?:[\s\uFEFF]+|\/\/[^\n\r]*|\/\*[^]*?\*\/)*/y
  pattern.lastIndex = from
  pattern.test(text)
  return pattern.lastIndex
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '0': '\0',
}

class Reader {
  at: number
  readonly #text: string
  readonly #dialect: Dialect
  readonly #onField: OnField
  /** Of the value that is being read. */
  #path: FieldPath = []

  constructor(text: string, from: number, dialect: Dialect, onField: OnField) {
    this.#text = text
    this.#dialect = dialect
    this.#onField = onField
    this.at = from
  }

  value(path: FieldPath): unknown {
    this.#path = path
    this.#space()
    if (path.length > DEEPEST) throw this.#wrong(`values are ${DEEPEST} deep at most`)
    const next = this.#text[this.at]
    if (next === undefined) throw this.#wrong('a value is missing: the text ends here')
    if (next === '{') return this.#object(path)
    if (next === '[') return this.#array(path)
    if (this.#isQuote(next)) return this.#string()
    const number = this.#match(NUMBER)
    if (number !== undefined) return Number(number)
    const from = this.at
    const word = this.#match(WORD)
    if (word !== undefined && WORDS.has(word)) return WORDS.get(word)
    this.at = from
    throw this.#wrong(
      word === undefined
        ? `${JSON.stringify(next)} begins no value`
        : this.#dialect === 'json'
          ? `"${word}" is no value of JSON`
          : `"${word}" is not written out: only values can be read here, not names or calls`,
    )
  }

  #object(path: FieldPath): Record<string, unknown> {
    this.at++
    const found: [string, unknown][] = []
    const names = new Set<string>()
    for (;;) {
      this.#space()
      if (this.#takes('}')) break
      if (found.length > 0 && !this.#wasComma) throw this.#wrong('a "," or "}" is missing')
      const from = this.at
      const key = this.#key()
      if (names.has(key)) throw this.#wrong(`"${key}" is there twice`, from)
      names.add(key)
      this.#space()
      if (!this.#takes(':')) throw this.#wrong('a ":" is missing')
      const inner = [...path, key]
      found.push([key, this.value(inner)])
      this.#path = path
      if (inner.length <= MOST_TOLD) this.#onField(inner, { from, to: this.at })
      this.#comma('}')
    }
    return Object.fromEntries(found)
  }

  #array(path: FieldPath): unknown[] {
    this.at++
    const found: unknown[] = []
    for (;;) {
      this.#space()
      if (this.#takes(']')) return found
      if (found.length > 0 && !this.#wasComma) throw this.#wrong('a "," or "]" is missing')
      const inner = [...path, found.length]
      const from = this.at
      found.push(this.value(inner))
      this.#path = path
      if (inner.length <= MOST_TOLD) this.#onField(inner, { from, to: this.at })
      this.#comma(']')
    }
  }

  #wasComma = false

  #comma(close: string): void {
    this.#space()
    const from = this.at
    this.#wasComma = this.#takes(',')
    if (!this.#wasComma || this.#dialect !== 'json') return
    this.#space()
    if (this.#text[this.at] === close) throw this.#wrong('a "," before the end', from)
  }

  #key(): string {
    const next = this.#text[this.at]
    if (next !== undefined && this.#isQuote(next) && next !== '`') return this.#string()
    if (this.#dialect === 'typescript') {
      if (next === '[') {
        this.at++
        this.#space()
        const inner = this.#text[this.at]
        if (inner === undefined || !this.#isQuote(inner))
          throw this.#wrong('only a text may stand in [ ] as a key')
        const key = this.#string()
        this.#space()
        if (!this.#takes(']')) throw this.#wrong('a "]" is missing')
        return key
      }
      const word = this.#match(WORD) ?? this.#match(NUMBER)
      if (word !== undefined) return word
    }
    throw this.#wrong('a key is missing: a text in quotes')
  }

  #isQuote(sign: string): boolean {
    return sign === '"' || (this.#dialect === 'typescript' && (sign === "'" || sign === '`'))
  }

  #string(): string {
    const open = this.at
    const quote = this.#text[this.at++]!
    let found = ''
    for (;;) {
      const sign = this.#text[this.at]
      if (sign === undefined || (quote !== '`' && (sign === '\n' || sign === '\r')))
        throw this.#wrong('the text in quotes is not closed', open)
      if (this.#dialect === 'json' && sign < ' ')
        throw this.#wrong('a control character is written with \\u')
      if (sign === quote) {
        this.at++
        return found
      }
      if (quote === '`' && sign === '$' && this.#text[this.at + 1] === '{')
        throw this.#wrong('${ } is worked out when code runs: only values can be read here')
      if (sign === '\\') found += this.#escape()
      else {
        found += sign
        this.at++
      }
    }
  }

  #escape(): string {
    const from = this.at
    const sign = this.#text[from + 1]
    const isJson = this.#dialect === 'json'
    const hex = /\\(?:u([\dA-Fa-f]{4})|u\{([\dA-Fa-f]{1,6})\}|x([\dA-Fa-f]{2}))/y
    hex.lastIndex = from
    const found = hex.exec(this.#text)
    if (found && (!isJson || found[1] !== undefined)) {
      const code = Number.parseInt(found[1] ?? found[2] ?? found[3]!, 16)
      if (code <= 0x10_ff_ff) {
        this.at = hex.lastIndex
        return String.fromCodePoint(code)
      }
    }
    if (sign === undefined || 'ux'.includes(sign)) throw this.#wrong('an escape that is none')
    this.at += 2
    if ('"\\/'.includes(sign)) return sign
    const known = ESCAPES[sign]
    if (known !== undefined && !(isJson && (sign === 'v' || sign === '0'))) return known
    if (isJson) throw this.#wrong('an escape that is none', from)
    if (sign === '\r' && this.#text[this.at] === '\n') this.at++
    return '\n\r\u2028\u2029'.includes(sign) ? '' : sign
  }

  #takes(sign: string): boolean {
    if (this.#text[this.at] !== sign) return false
    this.at++
    return true
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  #space(): void {
    this.at = skipSpace(this.#text, this.at, this.#dialect)
  }

  #wrong(message: string, at: number = this.at): LiteralError {
    return new LiteralError(message, at, this.#path)
  }
}
