// Taking a list of jobs out: what the search finds, masked, as CSV, JSON or NDJSON, written by the server.
import { Button, Menu } from '@mantine/core'
import { useState } from 'react'
import { call } from '../../api/call.ts'
import { showProblem } from '../../api/use.ts'
import { download } from '../../app/download.ts'
import { useTexts } from '../../app/texts.ts'
import { IconDownload } from '../../look/icons.ts'
import { JOBS_TEXTS } from './texts.ts'

const TYPES = {
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
} as const

export function ExportMenu({ search }: { readonly search: string }) {
  const say = useTexts(JOBS_TEXTS)
  const [isBusy, setBusy] = useState(false)
  const take = async (format: keyof typeof TYPES): Promise<void> => {
    setBusy(true)
    try {
      const answer: unknown = await call('jobs.export', { body: { q: search, format } })
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer, null, 2)
      download(`jobs.${format}`, TYPES[format], text)
    } catch (error) {
      showProblem(error)
    }
    setBusy(false)
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          loading={isBusy}
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {say('export')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{say('exportText')}</Menu.Label>
        {(Object.keys(TYPES) as (keyof typeof TYPES)[]).map((format) => (
          <Menu.Item key={format} onClick={() => void take(format)}>
            {format.toUpperCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
