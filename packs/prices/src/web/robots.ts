// What a site lets programs fetch: robots.txt as RFC 9309 has it.

interface Rule {
  readonly allows: boolean
  readonly path: string
}

export interface Robots {
  allows(path: string): boolean
}

export const ALLOW_ALL: Robots = { allows: () => true }
export const MOST_ROBOTS_BYTES = 512 * 1024
const MOST_RULES = 5_000

/**
 * Reads a robots.txt for the program that calls itself `agent`: its own group, else that of `*`.
 *
 * @param agent the product token, such as `orderly-prices`
 */
export function readRobots(text: string, agent: string): Robots {
  const groups = new Map<string, Rule[]>()
  let open: Rule[][] = []
  let isNaming = false
  for (const line of text.split(/\r\n?|\n/)) {
    const match = /^\s*([A-Za-z-]+)\s*:\s*([^#]*)/.exec(line)
    if (!match) continue
    const [, field = '', value = ''] = match
    const name = field.toLowerCase()
    if (name === 'user-agent') {
      if (!isNaming) open = []
      const who = value.trim().toLowerCase()
      if (!groups.has(who)) groups.set(who, [])
      open.push(groups.get(who)!)
      isNaming = true
    } else if (name === 'allow' || name === 'disallow') {
      isNaming = false
      // An empty rule forbids nothing.
      const path = value.trim()
      if (path !== '')
        for (const rules of open)
          if (rules.length < MOST_RULES) rules.push({ allows: name === 'allow', path })
    }
  }
  const rules = groups.get(agent.toLowerCase()) ?? groups.get('*') ?? []
  return {
    allows(path) {
      // The most telling rule holds: the longest, and of two equally long ones the one that allows.
      let best: Rule | undefined
      for (const rule of rules)
        if (
          matches(rule.path, path) &&
          (!best ||
            rule.path.length > best.path.length ||
            (rule.path.length === best.path.length && rule.allows))
        )
          best = rule
      return best?.allows ?? true
    },
  }
}

/** `*` stands for anything, `$` at the end for the end. Walks both once: no pattern can make it slow. */
function matches(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith('$')
  const pieces = (isWhole ? pattern.slice(0, -1) : pattern).split('*')
  const [first = '', ...others] = pieces
  if (!path.startsWith(first)) return false
  if (others.length === 0) return !isWhole || path.length === first.length
  const last = isWhole ? others.pop()! : undefined
  let at = first.length
  for (const piece of others) {
    const found = path.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return last === undefined || (path.length - last.length >= at && path.endsWith(last))
}
