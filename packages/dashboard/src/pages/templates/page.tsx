// The templates of workflows: found, looked at, and imported.
import { Button, JsonInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useRead, useWrite } from '../../api/use.ts'
import { useSession } from '../../app/session.ts'
import { usePackWords } from '../../app/pack-words.ts'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconPlus, IconSearch } from '../../look/icons.ts'
import { Blank, Failure } from '../../parts/blank.tsx'
import { Answered, List } from '../../parts/list.tsx'
import { Page } from '../../parts/page.tsx'
import { TemplateDrawer } from './template.tsx'
import { originOf } from './origin.ts'
import { TEMPLATE_TEXTS } from './texts.ts'
import { Dialog } from '../../parts/dialog.tsx'

const DEFAULTS = { find: '', open: '' }

export function TemplatesPage() {
  const say = useTexts(TEMPLATE_TEXTS)
  const tell = usePackWords(null)
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const [isImporting, setImporting] = useState(false)
  const read = useRead('templates.list', {})
  const word = url.find.toLowerCase()
  return (
    <Page
      title={say('title')}
      lead={say('lead')}
      actions={
        can('workflows:write') ? (
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setImporting(true)}
          >
            {say('import')}
          </Button>
        ) : null
      }
    >
      <div className="filters">
        <TextInput
          data-page-search
          aria-label={say('find')}
          placeholder={say('find')}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={url.find}
          onChange={(event) => setUrl({ find: event.currentTarget.value })}
        />
      </div>
      <section className="card flush">
        <Answered read={read}>
          {({ data }) => (
            <List
              label={say('title')}
              rows={data.filter((each) =>
                `${each.id} ${tell(each.title)} ${tell(each.description)}`
                  .toLowerCase()
                  .includes(word),
              )}
              rowKey={({ id }) => id}
              empty={
                data.length === 0 ? (
                  <Blank title={say('none')}>{say('noneText')}</Blank>
                ) : (
                  <Blank title={say('noMatch')} />
                )
              }
              columns={[
                {
                  key: 'name',
                  label: say('name'),
                  cell: ({ id, title, description }) => (
                    <>
                      <button
                        type="button"
                        className="link-button"
                        aria-label={say('open', { name: tell(title) })}
                        onClick={() => setUrl({ open: id }, { replace: false })}
                      >
                        <strong>{tell(title)}</strong>
                      </button>{' '}
                      <span className="quiet mono">{id}</span>
                      {description === '' ? null : (
                        <div className="quiet roomy">{tell(description)}</div>
                      )}
                    </>
                  ),
                },
                {
                  key: 'parameters',
                  label: say('parameters'),
                  isNumber: true,
                  cell: ({ parameters }) => Object.keys(parameters).length,
                },
                { key: 'from', label: say('from'), cell: (each) => tell(originOf(each, say)) },
                {
                  key: 'version',
                  label: say('version'),
                  isNumber: true,
                  cell: ({ version }) => `v${version}`,
                },
              ]}
            />
          )}
        </Answered>
      </section>
      {url.open === '' ? null : (
        <TemplateDrawer key={url.open} id={url.open} onClose={() => setUrl({ open: '' })} />
      )}
      {isImporting ? <ImportDialog onClose={() => setImporting(false)} /> : null}
    </Page>
  )
}

function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useTexts(TEMPLATE_TEXTS)
  const [text, setText] = useState('')
  const [source, setSource] = useState('')
  const template = objectOf(text)
  const write = useWrite('templates.import', {
    isQuiet: true,
    done: ({ version }) => say('imported', { version }),
    onDone: onClose,
  })
  return (
    <Dialog opened onClose={onClose} title={say('import')} size="lg">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (template)
            write.mutate({
              body: { template, ...(source.trim() === '' ? {} : { source: source.trim() }) },
            })
        }}
      >
        <JsonInput
          label={say('json')}
          description={say('importText')}
          validationError={say('notJson')}
          required
          autosize
          minRows={8}
          maxRows={20}
          classNames={{ input: 'mono' }}
          value={text}
          onChange={setText}
        />
        <TextInput
          label={say('importSource')}
          maxLength={500}
          value={source}
          onChange={(event) => setSource(event.currentTarget.value)}
        />
        {write.error ? <Failure error={write.error} /> : null}
        <Button type="submit" loading={write.isPending} disabled={template === undefined}>
          {say('importGo')}
        </Button>
      </form>
    </Dialog>
  )
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
