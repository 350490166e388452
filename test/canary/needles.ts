// A planted token, and every spelling in which it could come to light.

/** A token that nothing else contains. */
export function plant(name: string): string {
  return `CANARY${Buffer.from(name).toString('hex')}7f3a9c2eXQ`
}

/** How many of `tokens` stand in `haystack` in any spelling; the names of what was found. */
export function findTokens(haystack: Buffer, tokens: ReadonlyMap<string, string>): string[] {
  const found = new Set<string>()
  const text = haystack.toString('latin1')
  // PostgreSQL prints bytes as hex, and JSON escapes what it likes: both are undone before the search.
  const folded = text.toLowerCase()
  for (const [name, token] of tokens) {
    for (const [spelling, needle] of spellings(token)) {
      const hit = spelling === 'hex' ? folded.includes(needle) : text.includes(needle)
      if (hit) found.add(`${name} (${spelling})`)
    }
  }
  return [...found]
}

function spellings(token: string): [string, string][] {
  const bytes = Buffer.from(token)
  const escaped = token
    .split('')
    .map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const percent = [...bytes].map((byte) => `%${byte.toString(16).toUpperCase()}`)
  return [
    ['raw', token],
    ['reversed', token.split('').toReversed().join('')],
    ['utf16', bytes.toString('latin1').split('').join('\0')],
    ['hex', bytes.toString('hex')],
    ['json', escaped.join('')],
    ['url', percent.join('')],
    ...[0, 1, 2].flatMap((offset) => {
      const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
      // The characters at both ends depend on the neighbours.
      const core = encoded.slice(offset === 0 ? 0 : 4, -4)
      const web = core.replaceAll('+', '-').replaceAll('/', '_')
      return [
        [`base64 at ${offset}`, core],
        [`base64url at ${offset}`, web],
      ] satisfies [string, string][]
    }),
  ]
}
