import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { follow as go, openBrowser, signIn } from './browser.ts'
import { openClinic, PASSWORD, type Clinic } from './clinic.ts'

const SIZES = [
  { name: 'on a phone', size: { width: 320, height: 700 }, limit: 2 },
  { name: 'on a desktop', size: { width: 1440, height: 900 }, limit: 3 },
] as const
const PATIENT = 'Canary Eighteight'

let clinic: Clinic
let browser: Browser
const complaints: string[] = []

beforeAll(async () => {
  ;[clinic, browser] = await Promise.all([openClinic(), openBrowser()])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await clinic?.close()
})

const dialogOf = (page: Page): ReturnType<Page['getByRole']> => page.getByRole('dialog')

describe.each(SIZES)('$name', ({ size, limit }) => {
  let ana: Page
  let noa: Page
  let failed: string
  let wrong: string
  let report: string
  let patientJob: string

  beforeAll(async () => {
    const { orderly } = clinic
    const idOf = async (name: string, input: unknown): Promise<string> =>
      (await orderly.enqueueByName(name, input)).id
    failed = await idOf('prices.load-file', { hospital: 'North', url: 'a.xls' })
    wrong = await idOf('lab.import-order', { orderId: 'L-3' })
    patientJob = await idOf('medication.refill-check', {
      patient: PATIENT,
      mrn: '888123',
      clinicId: 'north',
      daysLeft: 4,
    })
    report = await idOf('reports.monthly', { month: '2026-01', pages: 400 })
    ;[ana, noa] = await Promise.all([
      signIn(browser, clinic.url, 'ana', complaints, size),
      signIn(browser, clinic.url, 'noa', complaints, size),
    ])
  }, 60_000)

  afterAll(async () => {
    await Promise.all([ana?.context().close(), noa?.context().close()])
  })

  it('signs in by role, and offers a viewer nothing that theirs does not include', async () => {
    const vic = await signIn(browser, clinic.url, 'vic', complaints, size)
    await go(vic, '/queues/lab')
    await vic.getByRole('link', { name: 'Jobs of this queue' }).waitFor()
    expect(await vic.getByRole('button', { name: /^Pause/ }).count()).toBe(0)
    await go(vic, `/jobs/${patientJob}?tab=data`)
    await vic.getByText('C*** E***').waitFor()
    expect(await vic.getByRole('button', { name: /^(Reveal|Cancel|Run again)/ }).count()).toBe(0)
    await vic.context().close()
  })

  it('finds a job by a search that stays in the address, and says why it stands where it stands', async () => {
    const row = ana.locator(`[id="row-${report}"]`)
    await go(ana, '/jobs')
    await ana.getByRole('textbox', { name: 'Find jobs' }).fill('queue:reports state:active')
    await ana.keyboard.press('Enter')
    await row.waitFor()
    await ana.locator('tbody').getByText('prices.load-file').first().waitFor({ state: 'hidden' })
    expect(new URL(ana.url()).searchParams.get('q')).toBe('queue:reports state:active')
    await ana.reload()
    await row.waitFor()
    // Out of a dialog that a menu opened the keys are back where the menu was opened.
    const views = ana.getByRole('button', { name: 'Saved views' })
    await views.press('Enter')
    await ana.getByRole('menuitem', { name: 'Save this view' }).press('Enter')
    await dialogOf(ana).waitFor()
    await ana.keyboard.press('Escape')
    await dialogOf(ana).waitFor({ state: 'hidden' })
    expect(await views.evaluate((button) => button === document.activeElement)).toBe(true)
    await row.locator('a.job-link').click()
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

  it('shows failed attempts, and runs a job again with another input', async () => {
    await go(ana, `/jobs/${wrong}?tab=attempts`)
    await ana.getByText('ORDERLY_HANDLER_FAILED').first().waitFor()
    await clinic.orderly.cancel(wrong, { by: 'test', reason: 'to run it again' })
    await ana.getByRole('button', { name: 'Other ways to run it again' }).click()
    await ana.getByRole('menuitem', { name: 'Run again with another input' }).click()
    await dialogOf(ana).getByLabel('orderId').fill('L-8')
    await dialogOf(ana).getByText('"L-3"').waitFor()
    await dialogOf(ana).getByLabel('Reason').fill('the order had a wrong number')
    await dialogOf(ana).getByRole('button', { name: 'Run again' }).click()
    await ana.waitForURL((url) => !url.pathname.endsWith(wrong))
    await ana.getByText('Completed').first().waitFor()
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

  it('pauses a queue with a reason that everybody sees, and resumes it', async () => {
    await go(ana, '/queues')
    await ana.getByRole('button', { name: 'Pause lab' }).click()
    await dialogOf(ana).getByLabel('Reason').fill('the laboratory moves')
    await dialogOf(ana).getByRole('button', { name: 'Pause', exact: true }).click()
    await ana.getByRole('button', { name: 'Resume lab' }).waitFor()
    await go(noa, '/queues/lab')
    await noa.getByText(/Paused by Ana Ruiz.*the laboratory moves/).waitFor()
    await noa.getByRole('button', { name: 'Resume' }).click()
    await noa.getByRole('button', { name: 'Pause' }).waitFor()
  })

  it('overrides a limit for a time, which everybody then reads with its reason', async () => {
    await go(ana, '/queues/prices')
    await ana.getByRole('button', { name: 'Override' }).first().click()
    await dialogOf(ana)
      .getByRole('textbox', { name: /^New value/ })
      .fill(String(limit))
    await dialogOf(ana).getByLabel('Reason').fill('the hospital asks us to go slowly')
    await dialogOf(ana).getByRole('button', { name: 'Override' }).click()
    await ana
      .getByRole('cell', { name: /Set by Ana Ruiz.*go slowly/ })
      .first()
      .waitFor()
    const history = ana.getByRole('region', { name: 'History of its settings' })
    await history
      .getByRole('row', { name: new RegExp(`Ana Ruiz.*Limit set.*→ ${limit}`) })
      .first()
      .waitFor()
    expect(await clinic.orderly.limits()).toContainEqual(
      expect.objectContaining({ name: 'prices.load-file', value: limit }),
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
    const confirm = drawer.getByLabel(/^Type \d+ to confirm/)
    const doIt = drawer.getByRole('button', { name: `Run again: ${count}` })
    await confirm.fill(String(Number(count) + 1))
    expect(await doIt.isDisabled()).toBe(true)
    await confirm.fill(count)
    await doIt.click()
    await drawer.getByText(`${count} of ${count} done`).waitFor()
    await ana.keyboard.press('Escape')
    await drawer.waitFor({ state: 'hidden' })
    // What was to be done with one search is not asked of another.
    await ana.getByRole('button', { name: 'Failed', exact: false }).first().click()
    await ana.getByRole('button', { name: /Act on many/ }).click()
    await drawer.getByText('state:failed queue:prices').waitFor()
    await ana.goBack()
    await drawer.waitFor({ state: 'hidden' })
    expect(new URL(ana.url()).searchParams.get('q')).toBe('queue:prices')
  })

  it('takes a list out, which the audit log then says with its search and number', async () => {
    await go(ana, `/jobs?q=id:${patientJob}`)
    await ana.locator('a.job-link').waitFor()
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

  it('shows no value of a patient until somebody reveals it, which the audit log then says', async () => {
    await go(noa, `/jobs/${patientJob}?tab=data`)
    await noa.getByText('C*** E***').waitFor()
    expect(await noa.content()).not.toContain(PATIENT)
    await noa.getByRole('button', { name: 'Reveal patient' }).click()
    await dialogOf(noa).getByLabel('Purpose').first().click()
    await noa.getByRole('option', { name: 'The patient asked' }).click()
    await dialogOf(noa).getByLabel('What for').fill('The patient asks which clinic it is.')
    await dialogOf(noa).getByRole('button', { name: 'Reveal' }).click()
    await noa.locator('[data-revealed]').getByText(PATIENT).waitFor()
    await noa.getByRole('button', { name: 'Hide' }).click()
    expect(await noa.content()).not.toContain(PATIENT)
    const kept = await noa.evaluate(() =>
      JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
    )
    expect(kept + noa.url() + (await noa.title())).not.toContain(PATIENT)
    await go(noa, '/audit?show=reveals')
    await noa.getByText(/phi\./).first().waitFor()
    await noa.getByText('PATRQT').first().waitFor()
    expect(await noa.content()).not.toContain(PATIENT)
  })

  it('recomputes the audit log in the browser and finds it as it was signed', async () => {
    await go(ana, '/audit')
    await ana.getByRole('button', { name: 'Verify here' }).click()
    await ana.locator('[data-verdict=good]').waitFor()
  })

  it('lets nothing of a list of jobs lie beyond the edge, nor what it says of something done lie over what can be pressed', async () => {
    await go(ana, '/jobs')
    await ana.locator('a.job-link').first().waitFor()
    const cut = await ana.evaluate(() =>
      [...document.querySelectorAll('.job-type, .jobs-box time')].flatMap((part) =>
        part.getBoundingClientRect().right >
        part.closest('.jobs-box')!.getBoundingClientRect().right
          ? [part.textContent]
          : [],
      ),
    )
    expect(cut).toEqual([])
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
    await ana.keyboard.press('Escape')
    await ana.getByRole('button', { name: 'Resume' }).click()
  })
})

it('makes the first administrator by the link of the terminal, and leads them through five tasks', async () => {
  const fresh = await openClinic({}, [])
  const context = await browser.newContext({ viewport: SIZES[0].size, locale: 'en-GB' })
  try {
    const page = await context.newPage()
    await page.goto(fresh.url)
    await page.getByText(/Nobody has an account yet/).waitFor()
    await page.goto(fresh.setupUrl!)
    await page.getByLabel('User name').fill('first')
    const make = page.getByRole('button', { name: 'Make the account' })
    const passwords = page.locator('input[autocomplete=new-password]')
    await passwords.first().fill(PASSWORD)
    expect(await make.isDisabled()).toBe(true)
    await passwords.last().fill(PASSWORD)
    await make.click()
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
    await page.getByRole('menuitem', { name: 'Guided tour' }).click()
    const tour = page.getByRole('dialog', { name: 'Guided tour' })
    for (const [step, heading] of ['Overview', 'Jobs', 'Jobs', 'Queues', 'Audit'].entries()) {
      await tour.getByText(`Step ${step + 1} of 5`).waitFor()
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
      await tour.getByRole('button', { name: step === 4 ? 'Done' : 'Next', exact: true }).click()
    }
    await tour.waitFor({ state: 'hidden' })
  } finally {
    await context.close()
    await fresh.close()
  }
}, 60_000)

it('threw nothing, and asked for nothing that its policy forbids', () => {
  expect(complaints).toEqual([])
})
