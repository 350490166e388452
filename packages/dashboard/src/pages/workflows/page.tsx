// All workflows, and the latest runs of any of them.
import { Button, TextInput } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useRead } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { usePackWords } from '../../app/pack-words.ts'
import { useTexts } from '../../app/texts.ts'
import { IconPlus } from '../../look/icons.ts'
import { Blank } from '../../parts/blank.tsx'
import { Instant } from '../../parts/instant.tsx'
import { ListCard } from '../../parts/list-card.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { RunList } from './run-list.tsx'
import { WORKFLOW_TEXTS } from './texts.ts'
import { Dialog } from '../../parts/dialog.tsx'

export function WorkflowsPage() {
  const say = useTexts(WORKFLOW_TEXTS)
  const tell = usePackWords(null)
  const read = useRead('workflows.list', {})
  const { can } = useSession()
  const [isMaking, setMaking] = useState(false)
  return (
    <Page
      title={say('title')}
      actions={
        can('workflows:write') ? (
          <>
            <Button component={Link} to="/templates" variant="default">
              {say('fromTemplate')}
            </Button>
            <Button
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setMaking(true)}
            >
              {say('make')}
            </Button>
          </>
        ) : null
      }
    >
      <ListCard
        title={say('title')}
        isUntitled
        read={read}
        rowKey={({ id }) => id}
        empty={<Blank title={say('none')}>{say('noneText')}</Blank>}
        columns={[
          {
            key: 'id',
            label: say('name'),
            cell: ({ id, title, version }) => (
              // What was never deployed has nothing to look at but its draft.
              <Link
                to={version === null ? '/workflows/$id/design' : '/workflows/$id'}
                params={{ id }}
              >
                <strong>{title === '' ? id : tell(title)}</strong>{' '}
                <span className="quiet mono">{id}</span>
              </Link>
            ),
          },
          {
            key: 'draft',
            label: say('draft'),
            cell: ({ draft }) =>
              draft === null ? (
                '–'
              ) : (
                <>
                  {say('draftBy', { revision: draft.revision, by: draft.by })}{' '}
                  <span className="quiet">
                    <Instant at={draft.at} />
                  </span>
                </>
              ),
          },
          {
            key: 'version',
            label: say('version'),
            isNumber: true,
            cell: ({ version }) =>
              version === null ? <span className="quiet">{say('onlyDraft')}</span> : `v${version}`,
          },
          {
            key: 'design',
            label: <span className="only-read">{say('design')}</span>,
            isNumber: true,
            cell: ({ id }) => (
              <Link to="/workflows/$id/design" params={{ id }}>
                {say('design')}
              </Link>
            ),
          },
        ]}
      />
      <Card title={say('latest')} isFlush>
        <RunList query={{ limit: 50 }} />
      </Card>
      {isMaking ? (
        <NewWorkflow
          taken={(read.data?.data ?? []).map(({ id }) => id)}
          onClose={() => setMaking(false)}
        />
      ) : null}
    </Page>
  )
}

const ID = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/

function NewWorkflow({
  taken,
  onClose,
}: {
  readonly taken: readonly string[]
  readonly onClose: () => void
}) {
  const say = useTexts(WORKFLOW_TEXTS)
  const navigate = useNavigate()
  const [id, setId] = useState('')
  const isTaken = taken.includes(id)
  return (
    <Dialog opened onClose={onClose} title={say('make')}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (ID.test(id) && !isTaken)
            void navigate({ to: '/workflows/$id/design', params: { id } })
        }}
      >
        <TextInput
          label={say('makeId')}
          description={say('makeIdText')}
          required
          data-autofocus
          maxLength={100}
          autoComplete="off"
          spellCheck={false}
          classNames={{ input: 'mono' }}
          error={isTaken ? say('makeTaken') : id !== '' && !ID.test(id)}
          value={id}
          onChange={(event) => setId(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!ID.test(id) || isTaken}>
          {say('makeGo')}
        </Button>
      </form>
    </Dialog>
  )
}
