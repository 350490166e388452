// The draft that is worked on: its history, what the server finds wrong with it, and whether it is saved.
import { useCallback, useEffect, useRef, useState } from 'react'
import { asProblem, type Problem } from '../app/problem.ts'
import { after } from '../app/time-source.ts'
import { showProblem } from '../api/use.ts'
import { ask, type Finding, type JobDetail, type JobType } from './api.ts'
import type { DesignDocument } from './document.ts'
import { change, openHistory, redo, undo } from './model.ts'

const CHECK_AFTER_MS = 350

export interface Draft {
  readonly document: DesignDocument
  readonly revision: number
  readonly isSaved: boolean
  readonly canUndo: boolean
  readonly canRedo: boolean
  readonly findings: readonly Finding[]
  /** Why the server could not be asked what is wrong, where it could not. */
  readonly unchecked: Problem | undefined
  readonly apply: (document: DesignDocument, about?: string) => void
  readonly undo: () => void
  readonly redo: () => void
  /** @returns the revision that was saved */
  readonly save: () => Promise<number | 'conflict' | undefined>
  /** The draft has become a version: the next save begins another. */
  readonly forget: () => void
}

export function useDraft(first: DesignDocument, firstRevision: number): Draft {
  const [history, setHistory] = useState(() => openHistory(first))
  const [saved, setSaved] = useState(first)
  const [revision, setRevision] = useState(firstRevision)
  const [findings, setFindings] = useState<readonly Finding[]>([])
  const [unchecked, setUnchecked] = useState<Problem>()
  const document = history.present
  useEffect(() => {
    const stop = new AbortController()
    const forget = after(CHECK_AFTER_MS, () => {
      ask('workflows.validate', { body: { document } }, { signal: stop.signal }).then(
        (answer) => {
          setFindings(answer.findings)
          setUnchecked(undefined)
        },
        (error: unknown) => {
          if (!stop.signal.aborted) setUnchecked(asProblem(error))
        },
      )
    })
    return () => {
      forget()
      stop.abort()
    }
  }, [document])
  const apply = useCallback(
    (next: DesignDocument, about?: string) => setHistory((before) => change(before, next, about)),
    [],
  )
  const save = async (): Promise<number | 'conflict' | undefined> => {
    try {
      const answer = await ask('workflows.saveDraft', {
        params: { id: document.id },
        body: { document, revision },
      })
      setRevision(answer.revision)
      setSaved(document)
      return answer.revision
    } catch (error) {
      const problem = asProblem(error)
      if (problem.code === 'ORDERLY_CHANGED' || problem.status === 409 || problem.status === 412)
        return 'conflict'
      showProblem(error)
      return undefined
    }
  }
  return {
    document,
    revision,
    isSaved: saved === document,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    findings,
    unchecked,
    apply,
    undo: useCallback(() => setHistory(undo), []),
    redo: useCallback(() => setHistory(redo), []),
    save,
    forget() {
      setRevision(0)
      setSaved(document)
    },
  }
}

export interface Catalog {
  readonly jobs: readonly JobType[]
  /** The schemas of a job; undefined until they are there. */
  readonly schemaOf: (job: string) => JobDetail | undefined
}

/** The job types there are, with the schemas of those that the document uses. */
export function useCatalog(document: DesignDocument): Catalog {
  const [jobs, setJobs] = useState<readonly JobType[]>([])
  const [details, setDetails] = useState<ReadonlyMap<string, JobDetail>>(new Map())
  const asked = useRef(new Set<string>())
  useEffect(() => {
    ask('types.list', {}).then(({ data }) => setJobs(data), showProblem)
  }, [])
  useEffect(() => {
    const known = new Set(jobs.map(({ name }) => name))
    for (const { job } of Object.values(document.nodes)) {
      if (typeof job !== 'string' || !known.has(job) || asked.current.has(job)) continue
      asked.current.add(job)
      ask('types.get', { params: { name: job } }).then(
        (detail) => setDetails((before) => new Map([...before, [job, detail]])),
        // Without its schema a job's input is written field by field.
        () => undefined,
      )
    }
  }, [document, jobs])
  return { jobs, schemaOf: useCallback((job: string) => details.get(job), [details]) }
}
