import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONTROL_TYPES, emptyDocument, type DesignDocument } from './document.ts'
import {
  addNode,
  change,
  changeEdge,
  changeNode,
  connect,
  disconnect,
  fromSource,
  mayConnect,
  openHistory,
  place,
  redo,
  removeNode,
  renameNode,
  toSource,
  undo,
  upstream,
} from './model.ts'

/** One thing that a person does, chosen by numbers so that it always means something. */
function act(
  document: DesignDocument,
  [kind, a, b, text]: readonly [number, number, number, string],
): DesignDocument {
  const names = Object.keys(document.nodes)
  const one = names[a % Math.max(1, names.length)] ?? ''
  const other = names[b % Math.max(1, names.length)] ?? ''
  switch (kind % 9) {
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
    default:
      return changeEdge(document, { from: one, to: other }, { when: text })
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

describe('the source', () => {
  it('is the document, and the document is the source', () => {
    fc.assert(
      fc.property(acts, (done) => {
        const document = done.reduce(act, emptyDocument('x'))
        const read = fromSource(toSource(document))
        expect(read).toEqual({ document: JSON.parse(JSON.stringify(document)) })
        expect('document' in read && toSource(read.document)).toBe(toSource(document))
      }),
    )
  })

  it('says what cannot be drawn, and never throws', () => {
    expect(fromSource('{')).toHaveProperty('error')
    expect(fromSource('[]')).toMatchObject({ error: 'a workflow is an object' })
    fc.assert(fc.property(fc.string(), (text) => typeof fromSource(text) === 'object'))
    fc.assert(
      fc.property(fc.jsonValue(), (value) => typeof fromSource(JSON.stringify(value)) === 'object'),
    )
  })
})

describe('what a person does', () => {
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
