// The workflow designer: one document, drawn, as forms and as text, from draft to deployed version.
import { Button, Modal, Tabs } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { asProblem } from '../app/problem.ts'
import { useTexts } from '../app/texts.ts'
import { Failure, Loading } from '../parts/blank.tsx'
import { openWorkflow, type Opened } from './api.ts'
import { AskStep } from './ask-step.tsx'
import { Deploy } from './deploy.tsx'
import './designer.css'
import { emptyDocument } from './document.ts'
import { Inspector } from './inspector.tsx'
import { useKeys } from './keys.ts'
import { arrange } from './layout.ts'
import { addNode, connect, disconnect, mayConnect, place, removeNode } from './model.ts'
import { Palette, type Choice } from './palette.tsx'
import { Problems, Simulate } from './panels.tsx'
import { walk, type Selection } from './selection.ts'
import { DESIGNER_TEXTS } from './texts.ts'
import { useCatalog, useDraft } from './use-draft.ts'

// The two large libraries come by themselves, each when it is first shown.
const Canvas = lazy(async () => ({ default: (await import('./canvas.tsx')).Canvas }))
const Source = lazy(async () => ({ default: (await import('./source.tsx')).Source }))

export function DesignerPage() {
  const { id }: { id: string } = useParams({ strict: false })
  const say = useTexts(DESIGNER_TEXTS)
  const [opened, setOpened] = useState<Opened>()
  const [error, setError] = useState<unknown>()
  const [tries, setTries] = useState(0)
  useEffect(() => {
    document.title = `${say('title', { id })} · Orderly`
  }, [id, say])
  useEffect(() => {
    let isHere = true
    setOpened(undefined)
    setError(undefined)
    openWorkflow(id).then(
      (found) => isHere && setOpened(found),
      (problem: unknown) => isHere && setError(problem),
    )
    return () => {
      isHere = false
    }
  }, [id, tries])
  if (error !== undefined)
    return <Failure error={asProblem(error)} onAgain={() => setTries(tries + 1)} />
  if (!opened) return <Loading />
  return <Designer key={`${id}/${tries}`} id={id} opened={opened} />
}

type Asking = 'insert' | 'connect' | 'search' | 'deploy'
const NONE: ReadonlySet<string> = new Set()

function Designer({ id, opened }: { readonly id: string; readonly opened: Opened }) {
  const say = useTexts(DESIGNER_TEXTS)
  const draft = useDraft(opened.document ?? emptyDocument(id), opened.revision)
  const { document, findings, apply } = draft
  const catalog = useCatalog(document)
  const [selection, select] = useState<Selection>({})
  const [asking, setAsking] = useState<Asking>()
  const [after, setAfter] = useState<string>()
  const [longest, setLongest] = useState<ReadonlySet<string>>(NONE)
  const [deployed, setDeployed] = useState(opened.deployed)
  const [tab, setTab] = useState<string | null>('problems')
  const chosen =
    selection.node !== undefined && selection.node in document.nodes ? selection.node : undefined

  const insert = (from: string | undefined): void => {
    setAfter(from)
    setAsking('insert')
  }
  const add = ({ type, job }: Choice, from: string | undefined): void => {
    const added = addNode(document, type, {
      ...(job === undefined ? {} : { job }),
      ...(from === undefined ? {} : { after: from }),
    })
    apply(added.document)
    select({ node: added.name })
    setAsking(undefined)
  }
  const remove = (): void => {
    if (selection.edge) apply(disconnect(document, selection.edge.from, selection.edge.to))
    else if (chosen !== undefined) apply(removeNode(document, chosen))
    select({})
  }
  const save = async (): Promise<number | undefined> => {
    const saved = await draft.save()
    if (saved === 'conflict') notifications.show({ message: say('conflict'), color: 'red' })
    return typeof saved === 'number' ? saved : undefined
  }
  const tidy = (): void => apply(place(document, arrange(document)))
  useKeys(
    {
      insert: () => insert(chosen),
      connect: () => chosen !== undefined && setAsking('connect'),
      remove,
      undo: draft.undo,
      redo: draft.redo,
      search: () => setAsking('search'),
      save: () => void save(),
      arrange: tidy,
      walk(way) {
        const next = walk(document, chosen, way)
        if (next !== undefined) select({ node: next })
      },
    },
    asking !== undefined,
  )
  const problems = new Map<string, number>()
  for (const { node } of findings) problems.set(node, (problems.get(node) ?? 0) + 1)
  const isEmpty = Object.keys(document.nodes).length === 0

  return (
    <div className="designer">
      <header>
        <h1>{document.title ?? id}</h1>
        <span className="dim">
          {!draft.isSaved
            ? `${say('unsaved')} · `
            : draft.revision > 0
              ? `${say('draft', { revision: draft.revision })} · `
              : ''}
          {deployed > 0 ? say('deployed', { version: deployed }) : say('undeployed')}
        </span>
        <div className="row end">
          <Button size="xs" variant="default" disabled={!draft.canUndo} onClick={draft.undo}>
            {say('undo')}
          </Button>
          <Button size="xs" variant="default" disabled={!draft.canRedo} onClick={draft.redo}>
            {say('redo')}
          </Button>
          <Button size="xs" variant="default" disabled={isEmpty} onClick={tidy}>
            {say('arrange')}
          </Button>
          <Button size="xs" variant="default" onClick={() => void save()}>
            {say('save')}
          </Button>
          <Button size="xs" disabled={isEmpty} onClick={() => setAsking('deploy')}>
            {say('deploy')}
          </Button>
        </div>
      </header>
      <aside aria-label={say('palette')}>
        <h2>{say('palette')}</h2>
        <Palette jobs={catalog.jobs} onChoose={(choice) => add(choice, chosen)} />
      </aside>
      <section className="canvas" aria-label={say('canvas')}>
        {isEmpty ? <p className="empty">{say('empty')}</p> : null}
        <Suspense fallback={<Loading />}>
          <Canvas
            document={document}
            selection={selection}
            problems={problems}
            longest={longest}
            onSelect={select}
            onMove={(name, at) => apply(place(document, new Map([[name, at]])), `move ${name}`)}
            onConnect={(from, to) => apply(connect(document, from, to))}
            onInsertAfter={insert}
          />
        </Suspense>
      </section>
      <aside className="inspector" aria-label={say('inspector')}>
        <h2>{say('inspector')}</h2>
        <Inspector
          document={document}
          selection={selection}
          jobs={catalog.jobs}
          schemaOf={catalog.schemaOf}
          onChange={apply}
          onSelect={select}
        />
      </aside>
      <section className="below">
        <Tabs value={tab} onChange={setTab} keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="problems">{say('problems', { n: findings.length })}</Tabs.Tab>
            <Tabs.Tab value="source">{say('source')}</Tabs.Tab>
            <Tabs.Tab value="simulate">{say('simulate')}</Tabs.Tab>
            <Tabs.Tab value="keys">{say('keys')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="problems">
            <Problems
              findings={findings}
              unchecked={draft.unchecked}
              onOpen={(node) => select({ node })}
            />
          </Tabs.Panel>
          <Tabs.Panel value="source">
            <Suspense fallback={<Loading />}>
              <Source document={document} onChange={apply} />
            </Suspense>
          </Tabs.Panel>
          <Tabs.Panel value="simulate">
            <Simulate
              document={document}
              onPlayed={(played) => setLongest(new Set(played?.longest))}
              onOpen={(node) => select({ node })}
            />
          </Tabs.Panel>
          <Tabs.Panel value="keys">
            <p className="dim">{say('keyList')}</p>
          </Tabs.Panel>
        </Tabs>
      </section>
      {asking === 'insert' ? (
        <Modal
          opened
          onClose={() => setAsking(undefined)}
          title={after === undefined ? say('insertFirst') : say('insertAfter', { name: after })}
        >
          <Palette autoFocus jobs={catalog.jobs} onChoose={(choice) => add(choice, after)} />
        </Modal>
      ) : null}
      {asking === 'connect' && chosen !== undefined ? (
        <AskStep
          title={say('connectTo', { name: chosen })}
          names={Object.keys(document.nodes).filter((to) => mayConnect(document, chosen, to))}
          onClose={() => setAsking(undefined)}
          onChoose={(to) => {
            apply(connect(document, chosen, to))
            setAsking(undefined)
          }}
        />
      ) : null}
      {asking === 'search' ? (
        <AskStep
          title={say('search')}
          names={Object.keys(document.nodes)}
          onClose={() => setAsking(undefined)}
          onChoose={(node) => {
            select({ node })
            setAsking(undefined)
          }}
        />
      ) : null}
      {asking === 'deploy' ? (
        <Deploy
          id={id}
          deployed={deployed}
          save={save}
          problems={findings.length}
          onClose={() => setAsking(undefined)}
          onDone={(version) => {
            setDeployed(version)
            draft.forget()
            setAsking(undefined)
            notifications.show({ message: say('done', { version }), color: 'teal' })
          }}
        />
      ) : null}
    </div>
  )
}
