import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lab } from '../../packs/lab/src/index.ts'
import { axeFaults } from './axe.ts'
import { follow, openBrowser, signIn } from './browser.ts'
import { openClinic, type Clinic } from './clinic.ts'
import type { PricePages } from './price-pages.ts'

const PATIENT = 'Canary Sevenseven'
const MRN = '777123'

let clinic: Clinic
let browser: Browser
let ana: Page
let runId: string
let patientJob: string
/** Looked at too with EVERY_PAGE=1. */
const MORE_PATHS = [
  '/workers',
  '/notifications',
  '/dead-letters',
  '/analytics',
  '/types',
  '/schedules',
  '/workflows',
  '/map',
  '/templates',
  '/templates?open=price-file',
  '/evidence',
  '/access',
  '/alerts',
  '/alerts?tab=webhooks',
  '/alerts?tab=routes',
  '/alerts?tab=silences',
  '/access?tab=keys',
  '/queues/lab',
  '/workflows/price_refresh',
  '/schedules/monday-report',
  '/jobs/no-such-job',
  '/alerts?show=all',
  '/access?tab=emergencies',
  '/packs/lab/orders',
  '/packs/lab/documents',
  '/packs/lab/outbox',
  '/packs/lab/inbox',
  '/packs/lab/forecast',
  '/packs/lab/anomalies',
]
const complaints: string[] = []
let pricePages: PricePages | undefined

beforeAll(async () => {
  if (process.env['EVERY_PAGE'])
    pricePages = await import('./price-pages.ts').then(({ openPricePages }) => openPricePages())
  ;[clinic, browser] = await Promise.all([
    openClinic({ packs: [lab(), ...(pricePages?.packs ?? [])] }),
    openBrowser(),
  ])
  const { orderly } = clinic
  if (pricePages) MORE_PATHS.push(...(await pricePages.fill(orderly)))
  await orderly.enqueueByName('lab.import-order', { orderId: 'L-3' })
  await orderly.enqueueByName('lab.import-order', { orderId: 'L-4' })
  patientJob = (
    await orderly.enqueueByName('medication.refill-check', {
      patient: PATIENT,
      mrn: MRN,
      clinicId: 'north',
      daysLeft: 4,
    })
  ).id
  await orderly.enqueueByName('reports.monthly', { month: '2026-01', pages: 400 })
  await orderly.schedule({
    id: 'monday-report',
    job: orderly.registry.jobs.get('reports.monthly')!,
    input: { month: '2026-11', pages: 20 },
    spec: { cron: '30 2 * * *', zone: 'America/New_York' },
    by: 'test',
  })
  runId = (await orderly.startRun('price_refresh', { hospital: 'Example General' }, { by: 'test' }))
    .id
  ana = await signIn(browser, clinic.url, 'ana', complaints)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await clinic?.close()
  await pricePages?.close()
})

const rest = (page: Page) =>
  page.waitForFunction(() => document.querySelector('[role=status][aria-label=Loading]') === null)
const go = async (page: Page, path: string): Promise<void> => {
  await follow(page, path)
  await rest(page)
}

describe('the dashboard', () => {
  it('sends who is not signed in to the sign-in, and back to where they wanted to go', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${clinic.url}/queues`)
    await page.getByLabel('User name').waitFor()
    expect(new URL(page.url()).searchParams.get('to')).toBe('/queues')
    await context.close()
  })

  it('offers a viewer nothing that their role does not include, and says in Spanish what the server and packs say', async () => {
    const vic = await signIn(browser, clinic.url, 'vic', complaints)
    await go(vic, '/queues')
    expect(await vic.getByRole('link', { name: 'Audit' }).count()).toBe(0)
    await vic.evaluate(() => localStorage.setItem('orderly-preferences', '{"language":"es"}'))
    await vic.reload()
    await go(vic, '/jobs/no-such-job')
    await vic.getByText('No hay ningún trabajo con ese id.').waitFor()
    await go(vic, '/packs/lab/orders')
    await vic.getByRole('heading', { name: 'Pedidos', level: 1 }).waitFor()
    await vic.getByText('Aún no hay pedidos.').waitFor()
    await vic.getByRole('link', { name: 'Previsión' }).waitFor()
    await vic.context().close()
  })

  it('puts rows right as they change, and holds what is new behind a button', async () => {
    await go(ana, '/jobs?q=queue:reports')
    const { id } = await clinic.orderly.enqueueByName('reports.monthly', {
      month: '2026-03',
      pages: 1,
    })
    await ana.getByRole('button', { name: /new job/ }).click()
    const row = ana.locator(`[id="row-${id}"]`)
    await row.getByText('Completed').waitFor()
  })

  it('pauses and resumes a run, and begins another one from a step', async () => {
    await go(ana, `/runs/${runId}`)
    await ana.getByRole('button', { name: 'Pause the run' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('the hospital mends its file')
    await dialog.getByRole('button', { name: 'Pause the run' }).click()
    await ana.getByRole('button', { name: 'Resume the run' }).click()
    await dialog.getByRole('button', { name: 'Resume the run' }).click()
    await ana.getByRole('button', { name: 'Pause the run' }).waitFor()
    await ana.getByRole('button', { name: 'Actions on load' }).click()
    await ana.getByRole('menuitem', { name: /Begin another run from here/ }).click()
    await dialog.getByLabel('Reason').fill('with the mended file')
    await dialog.getByRole('button', { name: /Begin another run/ }).click()
    await ana.waitForURL((url) => !url.pathname.endsWith(runId))
    await ana.getByText('from load of').waitFor()
  })

  it('runs a workflow by a schedule that the builder makes', async () => {
    await go(ana, '/schedules')
    await ana.getByRole('button', { name: 'New schedule' }).click()
    const drawer = ana.getByRole('dialog')
    await drawer.getByLabel('Name of the schedule').fill('nightly-refresh')
    await drawer.getByLabel('What it begins').first().click()
    await ana.getByRole('option', { name: 'price_refresh' }).click()
    await drawer.getByLabel('hospital').fill('North')
    await drawer.getByRole('button', { name: 'Save the schedule' }).click()
    await ana.getByRole('link', { name: 'nightly-refresh' }).waitFor()
    expect(await clinic.orderly.schedules()).toContainEqual(
      expect.objectContaining({ id: 'nightly-refresh', workflow: 'price_refresh' }),
    )
    await ana.getByRole('link', { name: 'nightly-refresh' }).click()
    await ana.getByRole('button', { name: 'Change' }).click()
    await drawer.getByText('Bounds, times of rest, spread').click()
    await drawer.getByRole('button', { name: 'Add a time of rest' }).click()
    const rest = drawer.getByRole('group', { name: 'Rest 1' })
    await rest.getByLabel('From').fill('2030-12-24T00:00')
    await rest.getByLabel('To').fill('2030-12-27T00:00')
    await rest.getByLabel('Reason').fill('the hospital rests')
    await drawer.getByRole('button', { name: 'Save the schedule' }).click()
    await ana.getByText('the hospital rests').waitFor()
    expect(await clinic.orderly.schedules()).toContainEqual(
      expect.objectContaining({
        id: 'nightly-refresh',
        spec: expect.objectContaining({
          blackouts: [
            {
              from: Date.parse('2030-12-24T00:00'),
              to: Date.parse('2030-12-27T00:00'),
              reason: 'the hospital rests',
            },
          ],
        }),
      }),
    )
  })

  it('makes a workflow of a template, with its parameters', async () => {
    await go(ana, '/templates')
    await ana.getByRole('button', { name: 'Look at Load a price file' }).click()
    const drawer = ana.getByRole('dialog')
    await drawer.getByLabel('Id of the new workflow').fill('north-prices')
    await drawer.getByLabel('Hospital').fill('North')
    await drawer.getByRole('button', { name: 'Make the draft' }).click()
    await ana.waitForURL((url) => url.pathname === '/workflows/north-prices/design')
    expect((await clinic.orderly.workflowDraft('north-prices'))?.document).toMatchObject({
      params: { hospital: 'North', wait: '5s' },
    })
  })

  it('shows what a job left as evidence', async () => {
    await go(ana, '/evidence')
    await ana.locator('a.job-link').first().click()
    await ana.getByText('the supply was read').first().waitFor()
  })

  it('signs evidence off by name, on the audit log, and finds it as it was signed', async () => {
    await go(ana, '/evidence')
    await ana.getByRole('button', { name: 'Sign off …' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByLabel('For').first().click()
    await ana.getByRole('option', { name: 'Compliance' }).click()
    await dialog.getByLabel('Statement').fill('Every run of the week was looked at.')
    await dialog.getByRole('button', { name: 'Sign off …' }).click()
    await ana.getByText('Every run of the week was looked at.').waitFor()
    await ana.getByRole('button', { name: 'Check', exact: true }).click()
    await ana.getByText('As it was signed', { exact: true }).waitFor()
    const file = ana.waitForEvent('download')
    await ana.getByRole('button', { name: 'Signed bundle' }).click()
    expect((await file).suggestedFilename()).toBe('evidence.zip')
    await go(ana, '/audit')
    await ana.getByText('evidence.sign-off').first().waitFor()
    await ana.getByText('evidence.export').first().waitFor()
  })

  it('saves a rule of alerts once it has shown what it would have done', async () => {
    await go(ana, '/alerts?tab=rules')
    await ana.getByRole('button', { name: 'New rule' }).click()
    const form = ana.getByRole('dialog')
    await form.getByLabel('Name').fill('slow-lab')
    await form.getByLabel('Limit').fill('300')
    expect(await form.getByRole('button', { name: 'Save the rule' }).count()).toBe(0)
    await form.getByRole('button', { name: 'Try it on the last week' }).click()
    await form.locator('[data-tried]').waitFor()
    await form.getByLabel('Limit').fill('400')
    await form.getByRole('button', { name: 'Try it on the last week' }).click()
    await form.getByRole('button', { name: 'Save the rule' }).click()
    await ana.getByRole('cell', { name: 'above 6 min 40 s' }).waitFor()
    expect(await clinic.orderly.alerts.rules()).toContainEqual(
      expect.objectContaining({ name: 'slow-lab', metric: 'queue.oldest', above: 400 }),
    )
  })

  it('shows the secret of a webhook once', async () => {
    await go(ana, '/alerts?tab=webhooks')
    await ana.getByRole('button', { name: 'New webhook' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Pager')
    await dialog.getByLabel('URL').fill('https://pager.example/hook')
    await dialog.getByRole('button', { name: 'New webhook' }).click()
    const secret = await dialog.getByText(/^whsec_/).textContent()
    await dialog.getByRole('button', { name: 'I have it' }).click()
    await ana.getByRole('cell', { name: 'Pager', exact: true }).waitFor()
    await ana.reload()
    await ana.getByRole('cell', { name: 'Pager', exact: true }).waitFor()
    expect(await ana.content()).not.toContain(secret)
  })

  it('passes axe on its pages, light and dark, and fits 320 px', async () => {
    const paths = [
      '/',
      '/jobs',
      `/jobs/${patientJob}?tab=data`,
      '/queues',
      '/failures',
      '/types/medication.refill-check?add=1',
      '/schedules?view=week',
      `/runs/${runId}`,
      '/audit',
      '/alerts?tab=rules',
      '/access?tab=roles',
      '/settings',
    ]
    const found: string[] = []
    for (const path of process.env['EVERY_PAGE'] ? [...paths, ...MORE_PATHS] : paths) {
      await ana.setViewportSize({ width: 1440, height: 900 })
      await go(ana, path)
      found.push(...(await axeFaults(ana)).map((each) => `${path} ${each}`))
      await ana.setViewportSize({ width: 320, height: 700 })
      const over = await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (over > 0) found.push(`${path} is ${over} px wider than a phone`)
      const cut = await ana.evaluate(() =>
        [...document.querySelectorAll('table.cards .cell, table.jobs td')]
          .filter(({ scrollWidth, clientWidth }) => clientWidth > 1 && scrollWidth > clientWidth)
          .map(({ textContent }) => textContent),
      )
      found.push(...cut.map((text) => `${path} cuts “${text}” on a phone`))
    }
    expect(found).toEqual([])
  }, 180_000)

  it('passes axe where there is nothing yet, and where the server fails', async () => {
    const paths = process.env['EVERY_PAGE']
      ? ['/', '/jobs', '/queues', '/failures', '/audit', ...MORE_PATHS]
      : ['/', '/jobs', '/alerts']
    const api = /\/api\/v1\/(?!session|live)/
    const page = await ana.context().newPage()
    const found: string[] = []
    for (const state of ['empty', 'failed'] as const) {
      await page.route(api, async (route) => {
        if (state === 'failed')
          return route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            body: JSON.stringify({
              title: 'Not available now',
              status: 503,
              code: 'ORDERLY_CLOSED',
            }),
          })
        const response = await route.fetch()
        return route.fulfill({ response, body: emptied(await response.text()) })
      })
      for (const path of paths) {
        // Loaded anew: what other pages have read already would show.
        await page.goto(clinic.url + path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await rest(page)
        found.push(...(await axeFaults(page)).map((each) => `${path} ${state} ${each}`))
      }
      await page.unroute(api)
    }
    await page.close()
    expect(found).toEqual([])
  }, 180_000)

  it('never asked for what its policy forbids, and threw nothing', () => {
    expect(complaints).toEqual([])
  })
})

/** The same answer with nothing in its lists. */
function emptied(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (key, value: unknown) =>
      key === 'data' && Array.isArray(value) ? [] : value,
    )
  } catch {
    return text
  }
}
