// Saved views of the list: a search and its columns under a name.
import { ActionIcon, Button, Menu, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { useTexts } from '../../app/texts.ts'
import { IconBookmark, IconPlus, IconTrash } from '../../look/icons.ts'
import { Failure } from '../../parts/blank.tsx'
import { JOBS_TEXTS } from './texts.ts'
import { Dialog } from '../../parts/dialog.tsx'

export interface ViewsProps {
  readonly search: string
  readonly columns: string
  readonly onOpen: (view: { q: string; columns: string }) => void
}

export function Views({ search, columns, onOpen }: ViewsProps) {
  const say = useTexts(JOBS_TEXTS)
  const { can } = useSession()
  const [isSaving, setSaving] = useState(false)
  const read = useRead('views.list', {})
  const drop = useWrite('views.delete')
  const views = (read.data?.data ?? []).filter(({ page }) => page === 'jobs')
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
            {say('views')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {views.length === 0 ? <Menu.Label>{say('noViews')}</Menu.Label> : null}
          {views.map((view) => (
            <div key={view.id} style={{ display: 'flex', alignItems: 'center' }}>
              <Menu.Item
                style={{ flex: 1 }}
                onClick={() =>
                  onOpen({
                    q: view.query,
                    columns: view.columns.length > 0 ? view.columns.join(',') : columns,
                  })
                }
              >
                {view.name}
              </Menu.Item>
              {view.own && can('views:write') ? (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={say('deleteView', { name: view.name })}
                  onClick={() => drop.mutate({ params: { id: view.id } })}
                >
                  <IconTrash size={14} />
                </ActionIcon>
              ) : null}
            </div>
          ))}
          {can('views:write') ? (
            <Menu.Item leftSection={<IconPlus size={14} />} onClick={() => setSaving(true)}>
              {say('saveView')}
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      {isSaving ? (
        <SaveDialog search={search} columns={columns} onClose={() => setSaving(false)} />
      ) : null}
    </>
  )
}

function SaveDialog({
  search,
  columns,
  onClose,
}: {
  readonly search: string
  readonly columns: string
  readonly onClose: () => void
}) {
  const say = useTexts(JOBS_TEXTS)
  const [name, setName] = useState('')
  const save = useWrite('views.create', { isQuiet: true, done: say('saved'), onDone: onClose })
  return (
    <Dialog opened onClose={onClose} title={say('saveView')}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate({
            body: { page: 'jobs', name: name.trim(), query: search, columns: columns.split(',') },
          })
        }}
      >
        <TextInput
          label={say('viewName')}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {save.error ? <Failure error={save.error} /> : null}
        <Button type="submit" loading={save.isPending} disabled={name.trim() === ''}>
          {say('save')}
        </Button>
      </form>
    </Dialog>
  )
}
