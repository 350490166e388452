import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, signIn } from './browser.ts'
import { openClinic, type Clinic } from './clinic.ts'

const PHONE = { width: 320, height: 700 }
const PATIENT = 'Canary Eighteight'

let clinic: Clinic
let browser: Browser
let ana: Page
let noa: Page
let failed: string
let patientJob: string
const complaints: string[] = []

beforeAll(async () => {
  ;[clinic, browser] = await Promise.all([openClinic(), openBrowser()])
  const { orderly } = clinic
  failed = (await orderly.enqueueByName('prices.load-file', { hospital: 'North', url: 'a.xls' })).id
  patientJob = (
    await orderly.enqueueByName('medication.refill-check', {
      patient: PATIENT,
      mrn: '888123',
      clinicId: 'north',
      daysLeft: 4,
    })
  ).id
  await orderly.enqueueByName('reports.monthly', { month: '2026-01', pages: 400 })
  ;[ana, noa] = await Promise.all([
    signIn(browser, clinic.url, 'ana', complaints, PHONE),
    signIn(browser, clinic.url, 'noa', complaints, PHONE),
  ])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await clinic?.close()
})

const go = async (page: Page, path: string): Promise<void> => {
  await page.goto(clinic.url + path)
  await page.getByRole('heading', { level: 1 }).waitFor()
}
const dialogOf = (page: Page): ReturnType<Page['getByRole']> => page.getByRole('dialog')

describe('the dashboard on a phone', () => {
  it('finds a job by a search, and says why it stands where it stands', async () => {
    await go(ana, '/jobs')
    await ana.getByRole('textbox', { name: 'Find jobs' }).fill('queue:reports state:active')
    await ana.keyboard.press('Enter')
    await ana.locator('tbody').getByText('prices.load-file').waitFor({ state: 'hidden' })
    await ana.locator('a.job-link').first().click()
    await ana.getByRole('status', { name: 'Why it stands where it stands' }).waitFor()
    await ana.getByText('Running').first().waitFor()
  })

  it('cancels the job that runs', async () => {
    await ana.getByRole('button', { name: 'Cancel', exact: true }).click()
    await dialogOf(ana).getByLabel('Reason').fill('not wanted any more')
    await dialogOf(ana).getByRole('button', { name: 'Cancel this job' }).click()
    await ana
      .getByText(/cancelled|told to stop/)
      .first()
      .waitFor()
  })

  it('runs a failed job again from the step it stopped at', async () => {
    await clinic.orderly.cancel(failed, { by: 'test', reason: 'to run it again' })
    await go(ana, `/jobs/${failed}`)
    await ana.getByRole('button', { name: 'Other ways to run it again' }).click()
    await ana.getByRole('menuitem', { name: 'Run again from a step' }).click()
    await dialogOf(ana)
      .getByRole('radio', { name: /^where it stopped/ })
      .waitFor()
    await dialogOf(ana).getByLabel('Reason').fill('the workbook was mended')
    await dialogOf(ana).getByRole('button', { name: 'Run again' }).click()
    await ana.waitForURL((url) => !url.pathname.endsWith(failed))
    await go(ana, `${new URL(ana.url()).pathname}?tab=flow`)
    await ana.getByRole('heading', { name: 'Repeats' }).waitFor()
    expect(await ana.locator('a.job-link').getAttribute('title')).toBe(failed)
  })

  it('pauses a queue with a reason, and resumes it', async () => {
    await go(ana, '/queues/lab')
    await ana.getByRole('button', { name: 'Pause' }).click()
    await dialogOf(ana).getByLabel('Reason').fill('the laboratory moves')
    await dialogOf(ana).getByRole('button', { name: 'Pause', exact: true }).click()
    await ana.getByRole('button', { name: 'Resume' }).click()
    await ana.getByRole('button', { name: 'Pause' }).waitFor()
  })

  it('overrides a limit for a time, which everybody then reads with its reason', async () => {
    await go(ana, '/queues/prices')
    await ana.getByRole('button', { name: 'Override' }).first().click()
    await dialogOf(ana)
      .getByRole('textbox', { name: /^New value/ })
      .fill('2')
    await dialogOf(ana).getByLabel('Reason').fill('the hospital asks us to go slowly')
    await dialogOf(ana).getByRole('button', { name: 'Override' }).click()
    await ana.getByText(/Set by Ana Ruiz.*go slowly/).waitFor()
    expect(await clinic.orderly.limits()).toContainEqual(
      expect.objectContaining({ name: 'prices.load-file', value: 2 }),
    )
  })

  it('plans an action over many, and does it once the number is typed', async () => {
    await go(ana, '/jobs?q=queue:prices')
    await ana.getByRole('button', { name: /Act on many/ }).click()
    const drawer = dialogOf(ana)
    await drawer.getByText('Run again', { exact: true }).click()
    await drawer.getByLabel('Reason').fill('the files were mended')
    await drawer.getByRole('button', { name: 'Show what it would do' }).click()
    const label = await drawer.getByText(/^Type \d+ to confirm/).textContent()
    const count = /\d+/.exec(label!)![0]
    await drawer.getByLabel(/^Type \d+ to confirm/).fill(count)
    await drawer.getByRole('button', { name: `Run again: ${count}` }).click()
    await drawer.getByText(`${count} of ${count} done`).waitFor()
  })

  it('takes a list out, which the audit log then says with its search and number', async () => {
    await go(ana, '/jobs?q=queue:medication')
    const file = ana.waitForEvent('download')
    await ana.getByRole('button', { name: 'Export' }).click()
    await ana.getByRole('menuitem', { name: 'NDJSON' }).click()
    const stream = await (await file).createReadStream()
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual([patientJob])
    expect(text).not.toContain('Canary')
    await go(ana, '/audit')
    await ana.getByText('api.jobs.export').first().waitFor()
  })

  it('reveals a value for a purpose, and shows who saw it', async () => {
    await go(noa, `/jobs/${patientJob}?tab=data`)
    await noa.getByRole('button', { name: 'Reveal patient' }).click()
    await dialogOf(noa).getByLabel('Purpose').first().click()
    await noa.getByRole('option', { name: 'The patient asked' }).click()
    await dialogOf(noa).getByLabel('What for').fill('The patient asks which clinic it is.')
    await dialogOf(noa).getByRole('button', { name: 'Reveal' }).click()
    await noa.locator('[data-revealed]').getByText(PATIENT).waitFor()
    await noa.getByRole('button', { name: 'Hide' }).click()
    await go(noa, '/audit?show=reveals')
    await noa.getByText('PATRQT').first().waitFor()
    expect(await noa.content()).not.toContain(PATIENT)
  })

  it('verifies the audit log', async () => {
    await go(ana, '/audit')
    await ana.getByRole('button', { name: 'Verify here' }).click()
    await ana.locator('[data-verdict=good]').waitFor()
  })

  it('never lets what it says of something done lie over what can be pressed', async () => {
    await go(ana, '/queues/lab')
    await ana.getByRole('button', { name: 'Pause' }).click()
    await dialogOf(ana).getByLabel('Reason').fill('once more')
    await dialogOf(ana).getByRole('button', { name: 'Pause', exact: true }).click()
    await ana.locator('.mantine-Notification-root').first().waitFor()
    await dialogOf(ana).waitFor({ state: 'hidden' })
    const covered = await ana.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('main button, main a, main input')].flatMap(
        (control) => {
          const { left, top, width, height } = control.getBoundingClientRect()
          const [x, y] = [left + width / 2, top + height / 2]
          const isSeen = width > 0 && x > 0 && x < innerWidth && y > 0 && y < innerHeight
          const hit = isSeen ? document.elementFromPoint(x, y) : null
          return hit?.closest('.mantine-Notifications-root') ? [control.outerHTML.slice(0, 90)] : []
        },
      ),
    )
    expect(covered).toEqual([])
    await ana.getByRole('button', { name: 'More' }).click()
    const item = ana.getByRole('menuitem').last()
    await item.waitFor()
    await item.click({ trial: true })
  })

  it('threw nothing, and asked for nothing that its policy forbids', () => {
    expect(complaints).toEqual([])
  })
})
