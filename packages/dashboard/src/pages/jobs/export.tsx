// Taking a list of jobs out: what the search finds, masked, as CSV, JSON or NDJSON.
import type { Job } from 'orderly/api'
import { Button, Menu } from '@mantine/core'
import { useState } from 'react'
import { showProblem } from '../../api/use.ts'
import { download } from '../../app/download.ts'
import { useTexts } from '../../app/texts.ts'
import { IconDownload } from '../../look/icons.ts'
import { findPage } from './find.ts'
import { JOBS_TEXTS } from './texts.ts'
import { csvOf } from './csv.ts'

const MOST = 10_000
const PAGE_SIZE = 500

const FORMATS = {
  csv: { type: 'text/csv', write: csvOf },
  json: {
    type: 'application/json',
    write: (jobs: readonly Job[]) => JSON.stringify(jobs, null, 2),
  },
  ndjson: {
    type: 'application/x-ndjson',
    write: (jobs: readonly Job[]) => jobs.map((job) => JSON.stringify(job)).join('\n'),
  },
} as const

export function ExportMenu({ search }: { readonly search: string }) {
  const say = useTexts(JOBS_TEXTS)
  const [isBusy, setBusy] = useState(false)
  const take = async (format: keyof typeof FORMATS): Promise<void> => {
    setBusy(true)
    try {
      const jobs = await readAll(search)
      download(`jobs.${format}`, FORMATS[format].type, FORMATS[format].write(jobs))
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
        {(Object.keys(FORMATS) as (keyof typeof FORMATS)[]).map((format) => (
          <Menu.Item key={format} onClick={() => void take(format)}>
            {format.toUpperCase()}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

async function readAll(search: string): Promise<Job[]> {
  const jobs: Job[] = []
  let cursor: string | undefined
  do {
    const { data, page } = await findPage(search, cursor, PAGE_SIZE)
    jobs.push(...data)
    cursor = page.next ?? undefined
  } while (cursor !== undefined && jobs.length < MOST)
  return jobs
}
