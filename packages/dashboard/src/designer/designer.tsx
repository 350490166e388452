// The workflow designer: one document, drawn, as a list, as forms and as text, from draft to deployed version.
import { SegmentedControl, Tabs } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { flushSync } from 'react-dom'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useSession } from '../app/session.ts'
import { useTexts } from '../app/texts.ts'
import { Loading } from '../parts/blank.tsx'
import type { Finding, Opened } from './api.ts'
import { AskStep } from './ask-step.tsx'
import type { CanvasHandle } from './canvas.tsx'
import { Deploy } from './deploy.tsx'
import { deedsOn } from './deeds.ts'
import './designer.css'
import { emptyDocument } from './document.ts'
import { Head } from './head.tsx'
import { Inspector } from './inspector.tsx'
import { Leaving } from './leaving.tsx'
import { KeyList } from './key-list.tsx'
import { useKeys } from './keys.ts'
import { mayConnect } from './model.ts'
import { Outline } from './outline.tsx'
import { Palette, type Choice } from './palette.tsx'
import { Problems, Simulate } from './panels.tsx'
import { NOTHING, present, walk, wholeWay, type Selection } from './selection.ts'
import { Spoken } from './spoken.tsx'
import { DESIGNER_TEXTS } from './texts.ts'
import { TryPanel } from './try-panel.tsx'
import { useCatalog, useDraft } from './use-draft.ts'
import { Dialog } from '../parts/dialog.tsx'

// The two large libraries come by themselves, each when it is first shown.
const Canvas = lazy(async () => ({ default: (await import('./canvas.tsx')).Canvas }))
const Source = lazy(async () => ({ default: (await import('./source.tsx')).Source }))

type Asking = 'insert' | 'connect' | 'search' | 'deploy'
/** What a small screen shows, one at a time. */
type View = 'steps' | 'canvas' | 'step' | 'below'
const VIEWS: readonly View[] = ['steps', 'canvas', 'step', 'below']
const NONE: ReadonlySet<string> = new Set()
const NO_FINDINGS: readonly Finding[] = []

export function Designer({ id, opened }: { readonly id: string; readonly opened: Opened }) {
  const say = useTexts(DESIGNER_TEXTS)
  const draft = useDraft(opened.document ?? emptyDocument(id), opened.revision)
  const { document, apply } = draft
  const isEmpty = Object.keys(document.nodes).length === 0
  // That nothing is no workflow need not be said.
  const findings = isEmpty ? NO_FINDINGS : draft.findings
  const catalog = useCatalog(document)
  const { can } = useSession()
  const [chosen, setChosen] = useState<Selection>(NOTHING)
  const [asking, setAsking] = useState<Asking>()
  const [after, setAfter] = useState<string>()
  const [longest, setLongest] = useState<ReadonlySet<string>>(NONE)
  const [deployed, setDeployed] = useState(opened.deployed)
  const [tab, setTab] = useState<string | null>('problems')
  const [left, setLeft] = useState<string | null>('add')
  const [view, setView] = useState<View>('steps')
  const canvas = useRef<CanvasHandle>(null)
  const inspector = useRef<HTMLElement>(null)
  const below = useRef<HTMLElement>(null)
  const drawing = useRef<HTMLElement>(null)
  const selection = useMemo(() => present(document, chosen), [document, chosen])
  const one = selection.nodes.length === 1 ? selection.nodes[0] : undefined
  const select = (next: Selection): void => {
    setChosen(next)
    // Who chooses a step in the list of a small screen wants to see what it does.
    if (next.nodes.length === 1 || next.edge) setView((now) => (now === 'steps' ? 'step' : now))
  }
  const deeds = deedsOn({ document, selection, apply, select, groupTitle: say('groupTitle') })
  const problems = useMemo(() => {
    const counts = new Map<string, number>()
    for (const { node } of findings) counts.set(node, (counts.get(node) ?? 0) + 1)
    return counts
  }, [findings])

  const insert = (from: string | undefined): void => {
    setAfter(from)
    setAsking('insert')
  }
  const add = (choice: Choice, from: string | undefined): void => {
    deeds.add(choice, from === undefined ? {} : { after: from })
    setAsking(undefined)
  }
  const save = async (): Promise<number | undefined> => {
    const saved = await draft.save()
    if (saved === 'conflict') notifications.show({ message: say('conflict'), color: 'red' })
    return typeof saved === 'number' ? saved : undefined
  }
  /** A small screen shows it before it can have the focus. */
  const show = (next: View): void => flushSync(() => setView(next))
  const edit = (): void => {
    show('step')
    inspector.current?.querySelector<HTMLElement>('input, textarea, button')?.focus()
  }
  useKeys(
    {
      insert: () => insert(one),
      connect: () => one !== undefined && setAsking('connect'),
      remove: deeds.remove,
      undo: draft.undo,
      redo: draft.redo,
      search: () => setAsking('search'),
      save: () => void save(),
      arrange: deeds.tidy,
      duplicate: deeds.duplicate,
      group: deeds.group,
      note: () => deeds.note(canvas.current?.middle() ?? { x: 0, y: 0 }),
      tryStep() {
        setTab('try')
        show('below')
        below.current?.querySelector<HTMLElement>('[role="tab"][data-try]')?.focus()
      },
      selectAll: () => select({ nodes: Object.keys(document.nodes) }),
      clear: () => select(NOTHING),
      leave() {
        show('canvas')
        drawing.current?.focus()
      },
      edit,
      zoom: (how) => canvas.current?.zoom(how),
      walk(way, how) {
        const from = selection.nodes.at(-1)
        const next = walk(document, from, way)
        if (next === undefined) return
        if (how === 'one' || from === undefined) select({ nodes: [next] })
        else if (how === 'all' && (way === 'left' || way === 'right'))
          select({ nodes: [...new Set([...wholeWay(document, from, way), ...selection.nodes])] })
        else select({ nodes: [...selection.nodes.filter((name) => name !== next), next] })
      },
      copy: deeds.copy,
      paste: deeds.paste,
    },
    asking !== undefined,
  )
  // On a small screen the canvas has no size until it is looked at.
  useEffect(() => {
    if (view === 'canvas') canvas.current?.show()
  }, [view])
  const job = one === undefined ? undefined : document.nodes[one]?.['job']

  return (
    <div className="designer" data-view={view}>
      <Head
        id={id}
        draft={draft}
        deployed={deployed}
        isEmpty={isEmpty}
        onSave={() => void save()}
        onDeploy={() => setAsking('deploy')}
        onTidy={deeds.tidy}
        onNote={() => deeds.note(canvas.current?.middle() ?? { x: 0, y: 0 })}
        onFind={() => setAsking('search')}
        onInsert={() => insert(one)}
      />
      <SegmentedControl
        className="designer-views"
        fullWidth
        size="xs"
        aria-label={say('views')}
        value={view}
        onChange={(next) => setView(VIEWS.find((each) => each === next) ?? 'steps')}
        data={VIEWS.map((value) => ({ value, label: say(`view ${value}`) }))}
      />
      <aside className="left" aria-label={say('steps')}>
        <Tabs value={left} onChange={setLeft} keepMounted={false}>
          <Tabs.List grow>
            <Tabs.Tab value="add">{say('palette')}</Tabs.Tab>
            <Tabs.Tab value="outline">{say('outline')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="add">
            <Palette jobs={catalog.jobs} onChoose={(choice) => add(choice, one)} />
          </Tabs.Panel>
          <Tabs.Panel value="outline">
            <Outline
              document={document}
              selection={selection}
              problems={problems}
              onSelect={select}
            />
          </Tabs.Panel>
        </Tabs>
      </aside>
      <section
        className="canvas"
        aria-label={say('canvas')}
        aria-describedby="canvas-keys"
        tabIndex={0}
        ref={drawing}
      >
        <span id="canvas-keys" className="only-read">
          {say('canvasHelp')}
        </span>
        {isEmpty ? <p className="empty">{say('empty')}</p> : null}
        <Suspense fallback={<Loading />}>
          <Canvas
            document={document}
            selection={selection}
            problems={problems}
            longest={longest}
            onSelect={select}
            onMove={deeds.move}
            onConnect={deeds.connect}
            onInsertAfter={insert}
            onDrop={(choice, at) => deeds.add(choice, { at })}
            handle={canvas}
          />
        </Suspense>
      </section>
      <aside className="inspector" aria-label={say('inspector')} ref={inspector}>
        <h2>{say('inspector')}</h2>
        <Inspector
          document={document}
          selection={selection}
          jobs={catalog.jobs}
          schemaOf={catalog.schemaOf}
          findings={findings}
          onChange={apply}
          onSelect={select}
          onDuplicate={deeds.duplicate}
        />
      </aside>
      <section className="below" aria-label={say('panels')} ref={below}>
        <Tabs value={tab} onChange={setTab} keepMounted={false}>
          <Tabs.List className="tabs-scroll">
            <Tabs.Tab value="problems">{say('problems', { n: findings.length })}</Tabs.Tab>
            <Tabs.Tab value="source">{say('source')}</Tabs.Tab>
            <Tabs.Tab value="try" data-try>
              {say('try')}
            </Tabs.Tab>
            <Tabs.Tab value="simulate">{say('simulate')}</Tabs.Tab>
            <Tabs.Tab value="keys">{say('keys')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="problems">
            <Problems
              findings={findings}
              unchecked={draft.unchecked}
              isEmpty={isEmpty}
              onOpen={(node) => select({ nodes: [node] })}
            />
          </Tabs.Panel>
          <Tabs.Panel value="source">
            <Suspense fallback={<Loading />}>
              <Source
                document={document}
                chosen={one}
                findings={findings}
                onChange={apply}
                onChoose={(node) => node !== one && setChosen({ nodes: [node] })}
              />
            </Suspense>
          </Tabs.Panel>
          <Tabs.Panel value="try">
            {one === undefined ? (
              <p className="dim">{say('tryNothing')}</p>
            ) : (
              <TryPanel
                key={one}
                document={document}
                node={one}
                job={typeof job === 'string' ? catalog.schemaOf(job) : undefined}
                onChange={apply}
              />
            )}
          </Tabs.Panel>
          <Tabs.Panel value="simulate">
            <Simulate
              document={document}
              onPlayed={(played) => setLongest(new Set(played?.longest))}
              onOpen={(node) => select({ nodes: [node] })}
            />
          </Tabs.Panel>
          <Tabs.Panel value="keys">
            <KeyList />
          </Tabs.Panel>
        </Tabs>
      </section>
      <Leaving isSaved={draft.isSaved || !can('workflows:write')} onSave={save} />
      <Spoken document={document} selection={selection} findings={findings} />
      {asking === 'insert' ? (
        <Dialog
          opened
          transitionProps={{ duration: 0 }}
          onClose={() => setAsking(undefined)}
          title={after === undefined ? say('insertFirst') : say('insertAfter', { name: after })}
        >
          <Palette autoFocus jobs={catalog.jobs} onChoose={(choice) => add(choice, after)} />
        </Dialog>
      ) : null}
      {asking === 'connect' && one !== undefined ? (
        <AskStep
          title={say('connectTo', { name: one })}
          names={Object.keys(document.nodes).filter((to) => mayConnect(document, one, to))}
          onClose={() => setAsking(undefined)}
          onChoose={(to) => {
            deeds.connect(one, to)
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
            select({ nodes: [node] })
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
