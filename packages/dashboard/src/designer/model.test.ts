import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { removeGroup, removeNote, setGroup, setNote, setPin } from './design.ts'
import { deedsOn } from './deeds.ts'
import { differences } from './describe.ts'
import { asDrawable } from './drawable.ts'
import { CONTROL_TYPES, emptyDocument, type DesignDocument } from './document.ts'
import {
  addNode,
  change,
  changeEdge,
  changeNode,
  connect,
  disconnect,
  mayConnect,
  openHistory,
  place,
  redo,
  removeNode,
  renameNode,
  undo,
  upstream,
} from './model.ts'
import { drawn, drawnEdges, kept } from './drawing.ts'
import { NODE_HEIGHT, NODE_WIDTH, placesOf } from './layout.ts'
import { align, copyPart, pastePart, readPart, removeNodes } from './many.ts'
import { inOrder, NOTHING, wholeWay } from './selection.ts'

/** One thing that a person does, chosen by numbers so that it always means something. */
function act(
  document: DesignDocument,
  [kind, a, b, text]: readonly [number, number, number, string],
): DesignDocument {
  const names = Object.keys(document.nodes)
  const one = names[a % Math.max(1, names.length)] ?? ''
  const other = names[b % Math.max(1, names.length)] ?? ''
  const some = names.filter((_, at) => (a + at) % 3 === b % 3)
  switch (kind % 16) {
    case 0:
      return addNode(document, CONTROL_TYPES[a % CONTROL_TYPES.length]!, { after: other }).document
    case 1:
      return addNode(document, 'job', { job: 'prices.load', ...(b % 2 ? { after: one } : {}) })
        .document
    case 2:
      return removeNode(document, one)
    case 3:
      return connect(document, one, other)
    case 4:
      return disconnect(document, one, other)
    case 5:
      return changeNode(document, one, { title: text })
    case 6:
      return renameNode(document, one, `n${b}`)
    case 7:
      return place(document, new Map([[one, { x: a, y: b }]]))
    case 8:
      return changeEdge(document, { from: one, to: other }, { when: text })
    case 9:
      return setNote(document, `note${a % 3}`, { text, at: { x: a, y: b } })
    case 10:
      return removeNote(document, `note${a % 3}`)
    case 11:
      return setGroup(document, `group${a % 3}`, text, some)
    case 12:
      return removeGroup(document, `group${a % 3}`)
    case 13:
      return setPin(document, one, b % 4 === 0 ? undefined : { text })
    case 14:
      return names.length > 60
        ? removeNodes(document, some)
        : pastePart(document, copyPart(document, some)).document
    default:
      return align(
        document,
        some,
        (['left', 'right', 'top', 'bottom', 'row', 'column'] as const)[a % 6]!,
      )
  }
}
const acts = fc.array(fc.tuple(fc.nat(50), fc.nat(50), fc.nat(50), fc.string()), { maxLength: 40 })

describe('undo and redo', () => {
  it('lead back to each document there was, and forth again', () => {
    fc.assert(
      fc.property(acts, (done) => {
        let history = openHistory(emptyDocument('x'))
        const seen = [history.present]
        for (const one of done) {
          history = change(history, act(history.present, one))
          if (history.present !== seen.at(-1)) seen.push(history.present)
        }
        for (const before of seen.toReversed().slice(1)) {
          history = undo(history)
          expect(history.present).toBe(before)
        }
        expect(undo(history)).toBe(history)
        for (const next of seen.slice(1)) {
          history = redo(history)
          expect(history.present).toBe(next)
        }
        expect(redo(history)).toBe(history)
      }),
    )
  })

  it('take what is typed into one field as one step', () => {
    let history = openHistory(addNode(emptyDocument('x'), 'delay').document)
    for (const text of ['a', 'ab', 'abc'])
      history = change(
        history,
        changeNode(history.present, 'delay', { title: text }),
        'delay.title',
      )
    expect(undo(history).present.nodes['delay']).not.toHaveProperty('title')
  })
})

describe('what a person does', () => {
  it('leaves groups and pins of steps that are there, each step in one group at most', () => {
    fc.assert(
      fc.property(acts, (done) => {
        const document = done.reduce(act, emptyDocument('x'))
        const { groups = {}, pins = {} } = document.design ?? {}
        const grouped = Object.values(groups).flatMap(({ nodes }) => nodes)
        for (const name of [...grouped, ...Object.keys(pins)])
          expect(Object.keys(document.nodes)).toContain(name)
        expect(new Set(grouped).size).toBe(grouped.length)
        for (const { nodes } of Object.values(groups)) expect(nodes).not.toEqual([])
        expect(document.design).not.toEqual({})
        expect(asDrawable(JSON.parse(JSON.stringify(document)))).toEqual({
          document: JSON.parse(JSON.stringify(document)),
        })
      }),
    )
  })

  it('can be told in words, whatever it is', () => {
    /** That a step is written down where it is drawn already is no change that anybody sees. */
    const seen = (document: DesignDocument): string =>
      JSON.stringify(place(document, placesOf(document)))
    fc.assert(
      fc.property(acts, (done) => {
        let document = emptyDocument('x')
        for (const one of done) {
          const next = act(document, one)
          const isSame = seen(next) === seen(document)
          if (!isSame && next.start === document.start)
            expect(differences(document, next)).not.toEqual([])
          document = next
        }
        expect(differences(document, document)).toEqual([])
      }),
    )
  })

  it('says that a step moved only of one that did', () => {
    let document = emptyDocument('x')
    for (const job of ['a', 'b', 'c']) document = addNode(document, 'job', { job }).document
    const deeds = deedsOn({
      document,
      selection: NOTHING,
      apply: (next) => void (document = next),
      select: () => undefined,
      groupTitle: '',
    })
    const before = document
    deeds.add({ type: 'job', job: 'letter' }, { at: { x: 900, y: 40 } })
    expect(differences(before, document)).toEqual([
      { key: 'toldAdded', values: { name: 'letter', type: 'job' } },
    ])
    for (const [name, at] of placesOf(before)) {
      const is = placesOf(document).get(name)!
      expect(Math.abs(is.x - at.x) + Math.abs(is.y - at.y)).toBeLessThan(1)
    }
    deeds.move(new Map([['b', { x: 700, y: 700 }]]), new Map())
    expect(differences(before, document)).toEqual([{ key: 'toldMoved', values: { n: 1 } }])
  })

  it('has a place for every step, and no two new ones on top of each other', () => {
    fc.assert(
      fc.property(acts, (done) => {
        const document = done.reduce(act, emptyDocument('x'))
        const places = placesOf(document)
        expect([...places.keys()].toSorted()).toEqual(Object.keys(document.nodes).toSorted())
        const own = new Set(
          Object.entries(document.nodes).flatMap(([name, { at }]) => (at ? [name] : [])),
        )
        const fresh = [...places]
          .filter(([name]) => !own.has(name))
          .map(([, { x, y }]) => `${x},${y}`)
        expect(new Set(fresh).size).toBe(fresh.length)
        expect(inOrder(document).toSorted()).toEqual(Object.keys(document.nodes).toSorted())
      }),
    )
  })

  it('never makes a circle, an edge to nowhere, or a start that is no node', () => {
    fc.assert(
      fc.property(acts, (done) => {
        const document = done.reduce(act, emptyDocument('x'))
        const names = Object.keys(document.nodes)
        for (const { from, to } of document.edges)
          expect(names).toEqual(expect.arrayContaining([from, to]))
        for (const name of names) expect(upstream(document, name).has(name)).toBe(false)
        if (
          names.some((name) => document.nodes[name]!.type !== 'compensate') &&
          document.start !== ''
        )
          expect(names).toContain(document.start)
      }),
    )
  })

  it('puts a new node between a node and what followed it, and closes the gap of one that goes', () => {
    let document = emptyDocument('x')
    for (const after of [undefined, 'delay', 'delay2'])
      document = addNode(document, 'delay', after === undefined ? {} : { after }).document
    document = addNode(document, 'approval', { after: 'delay' }).document
    expect(document.edges).toEqual(
      expect.arrayContaining([
        { from: 'delay', to: 'approval' },
        { from: 'approval', to: 'delay2' },
      ]),
    )
    expect(removeNode(document, 'approval').edges).toContainEqual({ from: 'delay', to: 'delay2' })
    expect(mayConnect(document, 'delay3', 'delay')).toBe(false)
  })

  it('renames a node wherever it is spoken of, and nowhere else', () => {
    let { document } = addNode(emptyDocument('x'), 'job', { job: 'scan' })
    document = addNode(document, 'job', { job: 'load', after: 'scan' }).document
    document = changeNode(document, 'load', {
      input: { a: 'steps.scan.output', b: 'steps.scanner.output', c: 'steps["scan"].state' },
      title: 'after steps.scan',
    })
    const renamed = renameNode(document, 'scan', 'look')
    expect(renamed.start).toBe('look')
    expect(renamed.edges).toEqual([{ from: 'look', to: 'load' }])
    expect(renamed.nodes['load']).toMatchObject({
      input: { a: 'steps.look.output', b: 'steps.scanner.output', c: 'steps["look"].state' },
      title: 'after steps.scan',
    })
    expect(renameNode(renamed, 'load', 'look')).toBe(renamed)
  })
})

describe('several steps', () => {
  const chain = ['delay', 'delay2', 'delay3'].reduce(
    (document, _, at, all) =>
      addNode(document, 'delay', at === 0 ? {} : { after: all[at - 1]! }).document,
    emptyDocument('x'),
  )

  it('are pasted under new names that their expressions follow, and are what was copied', () => {
    const asked = changeNode(chain, 'delay3', { input: { a: 'steps.delay2.output' } })
    const text = JSON.stringify(copyPart(setPin(asked, 'delay2', 7), ['delay2', 'delay3']))
    const { document, names } = pastePart(asked, readPart(text)!)
    expect(names).toEqual(['delay22', 'delay32'])
    expect(document.nodes['delay32']).toMatchObject({ input: { a: 'steps.delay22.output' } })
    expect(document.edges).toContainEqual({ from: 'delay22', to: 'delay32' })
    expect(document.edges).not.toContainEqual({ from: 'delay', to: 'delay22' })
    expect(document.design?.pins).toEqual({ delay22: 7 })
    const into = pastePart(emptyDocument('y'), readPart(text)!).document
    expect(into).toMatchObject({ start: 'delay2', edges: [{ from: 'delay2', to: 'delay3' }] })
  })

  it('are no steps when the text is something else', () => {
    for (const text of ['', 'null', '{}', '[1]', '{"format":"orderly.workflow-part/1"}'])
      expect(readPart(text)).toBeUndefined()
    fc.assert(fc.property(fc.string(), (text) => readPart(text) === undefined))
  })

  it('stand on one line once they are put there', () => {
    const names = Object.keys(chain.nodes)
    const xs = (document: DesignDocument) => names.map((name) => placesOf(document).get(name)!.x)
    expect(new Set(xs(align(chain, names, 'left'))).size).toBe(1)
    const column = align(chain, names, 'column')
    const ys = names.map((name) => placesOf(column).get(name)!.y)
    expect(ys[1]! - ys[0]!).toBe(ys[2]! - ys[1]!)
    expect(align(chain, ['delay'], 'left')).toBe(chain)
  })

  it('are all that lead to one, or that it leads to', () => {
    expect(wholeWay(chain, 'delay2', 'left').toSorted()).toEqual(['delay', 'delay2'])
    expect(wholeWay(chain, 'delay2', 'right').toSorted()).toEqual(['delay2', 'delay3'])
  })
})

it('draws nothing that cannot be drawn, and says why', () => {
  for (const value of [
    null,
    [],
    {},
    { format: 'x', id: 'x', start: '', nodes: { a: 1 }, edges: [] },
  ])
    expect(asDrawable(value)).toHaveProperty('fault')
  fc.assert(fc.property(fc.jsonValue(), (value) => typeof asDrawable(value) === 'object'))
  for (const design of [1, { notes: 1 }, { notes: { a: {} } }, { groups: { a: { title: '' } } }])
    expect(asDrawable({ ...emptyDocument('x'), design })).toHaveProperty('fault')
})

describe('what is drawn', () => {
  const drawing = (document: DesignDocument) =>
    drawn({
      document,
      selection: { nodes: [] },
      problems: new Map(),
      longest: new Set(),
      dragged: undefined,
      insert: nothing,
      onSelect: nothing,
      say: String,
    })
  const nothing = (): void => undefined
  const chain = ['a', 'b', 'c'].reduce((document) => {
    const after = Object.keys(document.nodes).at(-1)
    return addNode(document, 'delay', after === undefined ? {} : { after }).document
  }, emptyDocument('chain'))
  const [first, second, third] = Object.keys(chain.nodes) as [string, string, string]

  it('is the same object while nothing of it changes, so that a letter typed draws one step anew', () => {
    const before = drawing(chain)
    const after = drawing(changeNode(chain, second, { title: 'a' }))
    const now = kept(before, after)
    expect(now.map((node, at) => node === before[at])).toEqual([true, false, true])
    expect(now).toEqual(after)
    const arrows = drawnEdges(chain, { nodes: [] }, '', String)
    const other = disconnect(chain, second, third)
    expect(kept(arrows, drawnEdges(other, { nodes: [] }, '', String))).toEqual([arrows[0]])
    expect(kept(arrows, drawnEdges(chain, { nodes: [] }, '', String))[0]).toBe(arrows[0])
  })

  it('has its size and the ends of its arrows before anybody sees it', () => {
    const [step] = drawing(chain)
    expect(step).toMatchObject({
      id: first,
      measured: { width: NODE_WIDTH, height: NODE_HEIGHT },
      handles: [
        { type: 'target', x: 0, y: NODE_HEIGHT / 2 },
        { type: 'source', x: NODE_WIDTH, y: NODE_HEIGHT / 2 },
      ],
    })
  })
})
