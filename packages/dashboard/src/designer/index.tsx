// The page of the designer: what there is of a workflow, opened to work on.
import { useParams } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { asProblem } from '../app/problem.ts'
import { useTexts } from '../app/texts.ts'
import { Failure, Loading } from '../parts/blank.tsx'
import { openWorkflow, type Opened } from './api.ts'
import { Designer } from './designer.tsx'
import { DESIGNER_TEXTS } from './texts.ts'

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
