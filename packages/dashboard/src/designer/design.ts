// Notes, groups and pins: what the designer keeps in a document beside the workflow itself.
import type { Design, DesignDocument, Note } from './document.ts'

type Part = keyof Design

/** The document with one part of its design changed; without a design where nothing is left of it. */
function withPart<P extends Part>(
  document: DesignDocument,
  part: P,
  entries: NonNullable<Design[P]>,
): DesignDocument {
  const { [part]: _before, ...others } = document.design ?? {}
  const design = Object.keys(entries).length === 0 ? others : { ...others, [part]: entries }
  const { design: _design, ...rest } = document
  return Object.keys(design).length === 0 ? rest : { ...document, design }
}

function without<T>(entries: Readonly<Record<string, T>>, name: string): Record<string, T> {
  const { [name]: _gone, ...rest } = entries
  return rest
}

export function setNote(document: DesignDocument, name: string, note: Note): DesignDocument {
  return withPart(document, 'notes', { ...document.design?.notes, [name]: note })
}

export function removeNote(document: DesignDocument, name: string): DesignDocument {
  const notes = document.design?.notes ?? {}
  return Object.hasOwn(notes, name) ? withPart(document, 'notes', without(notes, name)) : document
}

/** Puts steps in a group; a step is in one group at most, and a group that is left empty goes. */
export function setGroup(
  document: DesignDocument,
  name: string,
  title: string,
  nodes: readonly string[],
): DesignDocument {
  const chosen = new Set(nodes)
  const others = Object.entries(document.design?.groups ?? {})
    .filter(([other]) => other !== name)
    .map(([other, group]) => {
      const left = group.nodes.filter((node) => !chosen.has(node))
      return [
        other,
        left.length === group.nodes.length ? group : { ...group, nodes: left },
      ] as const
    })
    .filter(([, group]) => group.nodes.length > 0)
  const own = nodes.length === 0 ? [] : [[name, { title, nodes: [...nodes] }] as const]
  return withPart(document, 'groups', Object.fromEntries([...others, ...own]))
}

export function removeGroup(document: DesignDocument, name: string): DesignDocument {
  const groups = document.design?.groups ?? {}
  return Object.hasOwn(groups, name)
    ? withPart(document, 'groups', without(groups, name))
    : document
}

/** The group that a step is in. */
export function groupOf({ design }: DesignDocument, node: string): string | undefined {
  return Object.entries(design?.groups ?? {}).find(([, { nodes }]) => nodes.includes(node))?.[0]
}

/** @param output what the step is taken to have returned; undefined takes the pin out */
export function setPin(document: DesignDocument, node: string, output: unknown): DesignDocument {
  const pins = document.design?.pins ?? {}
  if (output === undefined)
    return Object.hasOwn(pins, node) ? withPart(document, 'pins', without(pins, node)) : document
  if (!Object.hasOwn(document.nodes, node)) return document
  return withPart(document, 'pins', { ...pins, [node]: output })
}

/** Lets groups and pins follow a step to its new name, or go with it. */
export function followed(
  document: DesignDocument,
  before: string,
  after: string | undefined,
): DesignDocument {
  const { groups, pins } = document.design ?? {}
  let next = document
  if (pins && Object.hasOwn(pins, before)) {
    const { [before]: pin, ...rest } = pins
    next = withPart(next, 'pins', after === undefined ? rest : { ...rest, [after]: pin })
  }
  const group = groupOf(document, before)
  if (groups && group !== undefined) {
    const { title, nodes } = groups[group]!
    const moved = nodes.flatMap((node) =>
      node === before ? (after === undefined ? [] : [after]) : [node],
    )
    next = setGroup(next, group, title, moved)
  }
  return next
}
