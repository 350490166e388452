// From draft to version: what differs from what is deployed, a note, and the deed.
import { Button, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTexts } from '../app/texts.ts'
import { useProblemLine } from '../parts/server-text.tsx'
import { ask, type Diff } from './api.ts'
import { DESIGNER_TEXTS } from './texts.ts'
import { Dialog } from '../parts/dialog.tsx'

export interface DeployProps {
  readonly id: string
  /** The version that is deployed; 0 where none is. */
  readonly deployed: number
  /** Saves the draft first. @returns its revision */
  readonly save: () => Promise<number | undefined>
  readonly problems: number
  readonly onClose: () => void
  readonly onDone: (version: number) => void
}

export function Deploy({ id, deployed, save, problems, onClose, onDone }: DeployProps) {
  const say = useTexts(DESIGNER_TEXTS)
  const problemLine = useProblemLine()
  const [revision, setRevision] = useState<number>()
  const [diff, setDiff] = useState<Diff>()
  const [note, setNote] = useState('')
  const [wrong, setWrong] = useState<string>()
  useEffect(() => {
    let isHere = true
    const prepare = async (): Promise<void> => {
      const saved = await save()
      if (!isHere || saved === undefined) return
      setRevision(saved)
      if (deployed > 0)
        setDiff(
          await ask('workflows.diff', {
            params: { id },
            query: { before: String(deployed), after: 'draft' },
          }),
        )
    }
    prepare().catch((error: unknown) => setWrong(problemLine(error)))
    return () => {
      isHere = false
    }
    // Once, when it opens: what is saved then is what is deployed.
  }, [])
  const deploy = async (): Promise<void> => {
    try {
      const body = {
        ...(note === '' ? {} : { note }),
        ...(revision === undefined ? {} : { revision }),
      }
      onDone((await ask('workflows.deploy', { params: { id }, body })).version)
    } catch (error) {
      setWrong(problemLine(error))
    }
  }
  return (
    <Dialog opened onClose={onClose} title={say('deployTitle')} size="lg">
      <div className="form">
        <p>{say('deployLead')}</p>
        {deployed === 0 ? <p className="dim">{say('firstVersion')}</p> : null}
        {diff ? <Differences diff={diff} /> : null}
        {problems > 0 ? <p className="wrong">{say('broken', { n: problems })}</p> : null}
        {wrong === undefined ? null : (
          <p role="alert" className="wrong">
            {wrong}
          </p>
        )}
        <TextInput
          label={say('deployNote')}
          value={note}
          data-autofocus
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <div className="row end">
          <Button variant="default" onClick={onClose}>
            {say('cancel')}
          </Button>
          <Button disabled={problems > 0 || revision === undefined} onClick={() => void deploy()}>
            {say('doDeploy')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

function Differences({ diff }: { readonly diff: Diff }) {
  const say = useTexts(DESIGNER_TEXTS)
  if (diff.same) return <p className="dim">{say('same')}</p>
  const arrow = ({ from, to }: { from: string; to: string }): string => `${from} → ${to}`
  return (
    <ul className="diff">
      {[...diff.removed, ...diff.edgesRemoved.map(arrow)].map((text) => (
        <li key={`-${text}`} className="gone">
          − {text} <span className="dim">{say('removed')}</span>
        </li>
      ))}
      {[...diff.added, ...diff.edgesAdded.map(arrow)].map((text) => (
        <li key={`+${text}`} className="new">
          + {text} <span className="dim">{say('added')}</span>
        </li>
      ))}
      {[...diff.changed, { node: '', fields: diff.document }].flatMap(({ node, fields }) =>
        fields.map(({ path, before, after }) => (
          <li key={`${node}.${path}`}>
            {node === '' ? path : `${node}.${path}`} <del>{JSON.stringify(before)}</del>{' '}
            <ins>{JSON.stringify(after)}</ins>
          </li>
        )),
      )}
    </ul>
  )
}
