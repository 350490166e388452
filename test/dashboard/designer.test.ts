import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeFaults } from './axe.ts'
import { openBrowser, signIn } from './browser.ts'
import { openClinic, type Clinic } from './clinic.ts'
import { draftOf, find, form, heard, isRight, step, tab, tile } from './designing.ts'

let clinic: Clinic
let browser: Browser
let ana: Page
const complaints: string[] = []

beforeAll(async () => {
  ;[clinic, browser] = await Promise.all([openClinic(), openBrowser()])
  ana = await signIn(browser, clinic.url, 'ana', complaints)
  ana.on('response', (answer) => {
    const { pathname } = new URL(answer.url())
    if (answer.status() === 404 && /\/workflows\/[^/]+$/.test(pathname)) complaints.push(pathname)
  })
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await clinic?.close()
})

const design = async (page: Page, id: string): Promise<void> => {
  await page.goto(`${clinic.url}/workflows/${id}/design`)
  await page.locator('.designer').waitFor()
}

describe('with the mouse', () => {
  it('makes a workflow out of the palette', async () => {
    await ana.goto(`${clinic.url}/workflows`)
    await ana.getByRole('button', { name: 'New workflow' }).click()
    await ana.getByRole('dialog').getByLabel('Its id').fill('north_refresh')
    await ana.getByRole('dialog').getByRole('button', { name: 'Open the designer' }).click()
    const pane = ana.locator('.react-flow__pane')
    await pane.waitFor()
    await tile(ana, 'load-file').dragTo(pane, { targetPosition: { x: 140, y: 120 } })
    await step(ana, 'pricesLoadFile').waitFor()
    await form(ana).getByLabel('hospital').fill('"North"')
    await form(ana).getByLabel('url').fill('"https://example.org/north.csv"')
    await form(ana).getByLabel('Name', { exact: true }).fill('load')
    await form(ana).getByLabel('Name', { exact: true }).press('Enter')
    await tile(ana, 'approval').dragTo(pane, { targetPosition: { x: 420, y: 220 } })
    await form(ana).getByLabel('Question').fill('Publish?')
    await heard(ana, 'nothing leads from "load" to "approval"')
    await step(ana, 'load')
      .locator('.react-flow__handle.source')
      .dragTo(step(ana, 'approval').locator('.react-flow__handle.target'))
    await heard(ana, 'load now leads to approval')
    await isRight(ana)
    await step(ana, 'approval').click()
    await form(ana).getByLabel('Who may decide').first().fill('operator')
    await ana.keyboard.press('Enter')
    await tile(ana, 'publish').click()
    await form(ana).getByLabel('hospital').fill('"North"')
    await form(ana).getByLabel('rows').fill('steps.load.out')
    await ana.getByRole('option', { name: 'steps.load.output.rows' }).click()
    await isRight(ana)
  })

  it('tries a step, runs its job once, and plays the whole with what it returned', async () => {
    await tab(ana, 'Test a step').click()
    await ana.getByText('Made up, because nothing is pinned').waitFor()
    await find(ana, 'load')
    await ana.getByRole('button', { name: 'Run this job once, for real' }).click()
    await ana.getByRole('button', { name: 'Pin this result' }).click()
    await find(ana, 'pricesPublish')
    await ana.locator('.worked').getByText('= 1285').waitFor()
    await tab(ana, 'Simulate').click()
    await ana.getByRole('button', { name: 'Play it' }).click()
    await ana.getByText('It would be completed').waitFor()
  })

  it('saves it, deploys it with its differences, runs it and travels in its time', async () => {
    await ana.getByRole('button', { name: 'Save draft' }).click()
    await ana.getByText('Draft 1').waitFor()
    expect((await draftOf(clinic, 'north_refresh'))?.edges).toEqual([
      { from: 'load', to: 'approval' },
      { from: 'approval', to: 'pricesPublish' },
    ])
    const dialog = ana.getByRole('dialog')
    await ana.getByRole('button', { name: 'Deploy…' }).click()
    await dialog.getByText('This is the first version.').waitFor()
    await dialog.getByRole('button', { name: 'Deploy' }).click()
    await ana.getByText('Deployed: v1').waitFor()
    await find(ana, 'approval')
    await form(ana).getByLabel('Deadline').fill('2d')
    await isRight(ana)
    await ana.getByRole('button', { name: 'Deploy…' }).click()
    await dialog.getByText('approval.deadline').waitFor()
    await dialog.getByLabel('What has changed, and why').fill('somebody must answer')
    await dialog.getByRole('button', { name: 'Deploy' }).click()
    await ana.getByRole('link', { name: 'Deployed: v2' }).click()
    await ana.getByRole('button', { name: 'Start a run' }).click()
    await dialog.getByRole('button', { name: 'Start a run' }).click()
    await ana.waitForURL((url) => url.pathname.startsWith('/runs/'))
    await ana.getByRole('button', { name: 'Approve' }).first().click()
    await dialog.getByLabel('Reason').fill('the file is right')
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await ana.locator('.waterfall').getByText('pricesPublish').waitFor()
    await ana.getByRole('slider', { name: 'Time travel' }).focus()
    await ana.keyboard.press('Home')
    await ana.getByText('The run as it stood at').waitFor()
    await ana.locator('.waterfall').getByText('pricesPublish').waitFor({ state: 'hidden' })
  })

  it('schedules it, and each slot begins a run of it', async () => {
    await ana.goto(`${clinic.url}/workflows/north_refresh`)
    await ana.getByRole('button', { name: 'Schedule' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Save the schedule' }).click()
    await dialog.waitFor({ state: 'hidden' })
    const schedules = await clinic.orderly.schedules()
    const made = schedules.find(({ id }) => id === 'north-refresh')
    expect(made).toMatchObject({ job: null, workflow: 'north_refresh' })
    const before = (await clinic.orderly.runs({ workflow: 'north_refresh' })).length
    await clinic.orderly.runNow('north-refresh', 'test')
    await expect
      .poll(async () => (await clinic.orderly.runs({ workflow: 'north_refresh' })).length, {
        timeout: 8_000,
      })
      .toBe(before + 1)
  })
})

it('draws what depends on what, and tells what stands still with a queue', async () => {
  await ana.goto(`${clinic.url}/map`)
  await ana.getByRole('button', { name: 'Queue prices' }).click()
  const told = ana.locator('.map-told')
  await told.getByText(/Stands still with it/).waitFor()
  await told.getByRole('link', { name: 'price_refresh' }).waitFor()
  await ana.getByText('Table', { exact: true }).click()
  await ana.getByRole('cell', { name: 'north-refresh' }).first().waitFor()
})

it('opens with every step in sight, and brings one that is not where a click, a search or a reader comes to it', async () => {
  await ana.setViewportSize({ width: 1280, height: 800 })
  await design(ana, 'price_refresh')
  const canvas = (await ana.locator('section.canvas').boundingBox())!
  for (const name of ['load', 'settle', 'review', 'publish']) {
    const { x, width } = (await step(ana, name).boundingBox())!
    expect(x, name).toBeGreaterThan(canvas.x)
    expect(x + width, name).toBeLessThan(canvas.x + canvas.width)
  }
  // Where that is too small to read it begins at the first step.
  await ana.setViewportSize({ width: 1000, height: 800 })
  await design(ana, 'price_refresh')
  const narrow = (await ana.locator('section.canvas').boundingBox())!
  const right = narrow.x + narrow.width
  expect((await step(ana, 'load').boundingBox())!.x).toBeLessThan(right)
  expect((await step(ana, 'publish').boundingBox())!.x).toBeGreaterThan(right)
  // The browser scrolls to it, as it does for a word that is searched for in the page.
  await step(ana, 'publish').click()
  await form(ana).locator('input[value="publish"]').waitFor()
  expect((await step(ana, 'publish').boundingBox())!.x).toBeLessThan(right)
})

it('joins steps by the mouse, from the middle of a handle to anywhere on another step', async () => {
  const delay = (x: number, y: number) => ({ type: 'delay', for: '1s', at: { x, y } })
  await clinic.orderly.saveDraft({
    format: 'orderly.workflow/1',
    id: 'by_mouse',
    version: 1,
    start: 'first',
    nodes: { first: delay(0, 0), second: delay(300, 150), third: delay(600, 0) },
    edges: [],
  })
  await ana.setViewportSize({ width: 1280, height: 800 })
  await design(ana, 'by_mouse')
  await step(ana, 'third').waitFor()
  const canvas = (await ana.locator('section.canvas').boundingBox())!
  const drag = async (from: Locator, to: { x: number; y: number }): Promise<void> => {
    const { x, y, width, height } = (await from.boundingBox())!
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(16)
    const middle = { x: x + width / 2, y: y + height / 2 }
    // The whole of it can be hit, outside its step too.
    for (const by of [1 - width / 2, 0, width / 2 - 1])
      expect(
        await ana.evaluate(
          ([left, top]) =>
            document.elementFromPoint(left, top)?.classList.contains('react-flow__handle'),
          [middle.x + by, middle.y] as const,
        ),
      ).toBe(true)
    await ana.mouse.move(middle.x, middle.y)
    await ana.mouse.down()
    await ana.mouse.move((middle.x + to.x) / 2, (middle.y + to.y) / 2, { steps: 3 })
    await ana.mouse.move(to.x, to.y, { steps: 6 })
    await ana.mouse.up()
  }
  const placesBefore = await places()
  const second = (await step(ana, 'second').boundingBox())!
  await drag(step(ana, 'first').locator('.react-flow__handle.source'), {
    x: second.x + second.width / 2,
    y: second.y + second.height / 2,
  })
  await heard(ana, 'first now leads to second')
  await drag(step(ana, 'third').locator('.react-flow__handle.target'), {
    x: second.x + second.width - 20,
    y: second.y + 8,
  })
  await heard(ana, 'second now leads to third')
  // Near the border of the canvas nothing moves from under the hand.
  const first = (await step(ana, 'first').boundingBox())!
  expect(first.x - canvas.x).toBeLessThan(30)
  await drag(step(ana, 'third').locator('.react-flow__handle.target'), {
    x: first.x + 6,
    y: first.y + 6,
  })
  await heard(ana, 'first now leads to third')
  expect(await places()).toEqual(placesBefore)

  async function places(): Promise<unknown[]> {
    return Promise.all(['first', 'second', 'third'].map((name) => step(ana, name).boundingBox()))
  }
})

it('says in the form of the workflow what its runs take, and the source says the same', async () => {
  await design(ana, 'by_mouse')
  const takes = form(ana).getByLabel('Input of its runs')
  await takes.fill('{ "properties": { "visits": { "type": "integer" } } }')
  await tab(ana, 'Source').click()
  await ana.locator('.cm-line').filter({ hasText: '"integer"' }).click()
  await ana.keyboard.press('End')
  await ana.keyboard.press('ArrowLeft')
  for (let n = 0; n < 'integer'.length; n++) await ana.keyboard.press('Backspace')
  await ana.keyboard.type('number')
  await expect.poll(() => takes.inputValue()).toContain('"number"')
  await takes.fill('{ "type": "nonsense" }')
  await form(ana).getByText('nothing can be checked by the schema').waitFor()
  await takes.fill('')
  await form(ana).getByText('nothing can be checked by the schema').waitFor({ state: 'hidden' })
})

it('asks only roles that may decide', async () => {
  await tile(ana, 'approval').click()
  await form(ana).getByText('asks nothing').waitFor()
  const who = form(ana).getByLabel('Who may decide').first()
  await who.click()
  await ana.getByRole('option', { name: 'admin', exact: true }).waitFor()
  expect(await ana.getByRole('option', { name: 'viewer', exact: true }).count()).toBe(0)
  await who.fill('approver')
  await who.press('Enter')
  await heard(ana, 'no role of this name may decide')
})

describe('the source', () => {
  /** How many characters stand behind the span of the delay in its line. */
  const LANGUAGES = { JSON: 1, YAML: 0, TypeScript: 4 } as const

  it.each(Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[])(
    'changes the canvas as %s, and follows it',
    async (language) => {
      const press = async (key: string, times = 1): Promise<void> => {
        for (let n = 0; n < times; n++) await ana.keyboard.press(key)
      }
      await ana.setViewportSize({ width: 1440, height: 1_600 })
      await design(ana, 'price_refresh')
      await tab(ana, 'Source').click()
      await ana.getByText(language, { exact: true }).click()
      await step(ana, 'settle').click()
      const line = ana.locator('.cm-line').filter({ hasText: /for"?: ["']?5s/ })
      await line.click()
      await press('End')
      await press('ArrowLeft', LANGUAGES[language])
      await press('Backspace', 2)
      await ana.keyboard.type('7m')
      await step(ana, 'settle').getByText('7m').waitFor()
      await step(ana, 'load').click()
      await ana.locator('.cm-line').filter({ hasText: '7m' }).click()
      await press('End')
      await press('ArrowLeft', LANGUAGES[language])
      const wrong = { JSON: '"', YAML: ': x', TypeScript: "'" }[language]
      await ana.keyboard.type(wrong)
      await ana.getByText(/Not drawn yet: \d+:\d+/).waitFor()
      await step(ana, 'settle').and(ana.locator('.selected')).waitFor()
      await press('Backspace', wrong.length)
      await ana.getByText(/Not drawn yet/).waitFor({ state: 'hidden' })
      await step(ana, 'load').click()
      await form(ana).getByLabel('Title').fill('The whole file')
      await ana.locator('.cm-line').filter({ hasText: 'The whole file' }).waitFor()
      await step(ana, 'publish').click()
      await ana.locator('.cm-line').filter({ hasText: 'Publish these prices?' }).click()
      await step(ana, 'review').and(ana.locator('.selected')).waitFor()
    },
  )
})

describe('on a phone', () => {
  it('shows, inspects and changes a workflow through the list', async () => {
    await ana.setViewportSize({ width: 320, height: 700 })
    await design(ana, 'price_refresh')
    await tab(ana, 'Outline').click()
    await ana
      .getByRole('list', { name: 'Outline' })
      .getByRole('button', { name: /^settle/ })
      .click()
    await form(ana).getByLabel('How long').fill('9m')
    await ana.getByText('Canvas', { exact: true }).click()
    await step(ana, 'settle').getByText('9m').waitFor()
    for (const view of ['Steps', 'Canvas', 'Edit', 'Check']) {
      await ana.locator('.designer-views').getByText(view, { exact: true }).click()
      expect(
        await ana.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        view,
      ).toBeLessThanOrEqual(0)
    }
    await isRight(ana)
  })

  it('makes a workflow by touching, deploys it, runs it and schedules it', async () => {
    const dialog = ana.getByRole('dialog')
    await ana.goto(`${clinic.url}/workflows`)
    await ana.getByRole('button', { name: 'New workflow' }).click()
    await dialog.getByLabel('Its id').fill('by_touch')
    await dialog.getByRole('button', { name: 'Open the designer' }).click()
    await tile(ana, 'import-order').click()
    await form(ana).getByLabel('orderId').fill('"L-5"')
    await ana.locator('.designer-views').getByText('Steps', { exact: true }).click()
    await tab(ana, 'Add').click()
    await tile(ana, 'monthly').click()
    await form(ana).getByLabel('month').fill('"2026-01"')
    await form(ana).getByLabel('pages').fill('1')
    await isRight(ana)
    await ana.getByRole('button', { name: 'Deploy…' }).click()
    await dialog.getByRole('button', { name: 'Deploy' }).click()
    await ana.getByRole('link', { name: 'Deployed: v1' }).click()
    await ana.getByRole('button', { name: 'Start a run' }).click()
    await dialog.getByRole('button', { name: 'Start a run' }).click()
    await ana.waitForURL((url) => url.pathname.startsWith('/runs/'))
    await ana.locator('.waterfall').getByText('reportsMonthly').waitFor()
    await ana.goto(`${clinic.url}/workflows/by_touch`)
    await ana.getByRole('button', { name: 'Schedule' }).click()
    await dialog.getByRole('button', { name: 'Save the schedule' }).click()
    await dialog.waitFor({ state: 'hidden' })
    expect(await clinic.orderly.schedules()).toContainEqual(
      expect.objectContaining({ job: null, workflow: 'by_touch' }),
    )
  })
})

it('passes axe in every state, light and dark', async () => {
  await ana.setViewportSize({ width: 1440, height: 900 })
  const found: string[] = []
  const look = async (state: string): Promise<void> => {
    found.push(...(await axeFaults(ana)).map((fault) => `${state} ${fault}`))
  }
  await design(ana, 'no_such_workflow')
  await look('empty')
  await design(ana, 'price_refresh')
  await step(ana, 'review').click()
  await form(ana).getByLabel('Name', { exact: true }).waitFor()
  await look('a step')
  await step(ana, 'publish').click()
  await form(ana).getByLabel('rows').fill('steps.nobody.output')
  await ana.keyboard.press('Escape')
  await tab(ana, 'Problems (1)').waitFor()
  await look('problems')
  await tab(ana, 'Source').click()
  for (const language of ['YAML', 'TypeScript', 'JSON']) {
    await ana.getByText(language, { exact: true }).click()
    await look(language)
  }
  await tab(ana, 'Test a step').click()
  await ana.locator('.worked').waitFor()
  await look('try')
  await ana.keyboard.press('ControlOrMeta+a')
  await ana.keyboard.press('ControlOrMeta+g')
  await ana.keyboard.press('m')
  await tab(ana, 'Outline').click()
  await look('outline, group and note')
  await tab(ana, 'Keys').click()
  await look('keys')
  await ana.getByRole('button', { name: 'Add a step', exact: true }).click()
  await ana.getByRole('dialog').getByLabel('Filter').waitFor()
  await look('adding')
  await ana.keyboard.press('Escape')
  await ana.getByRole('button', { name: 'Deploy…' }).click()
  await ana.getByRole('dialog').waitFor()
  await look('deploying')
  expect(found).toEqual([])
}, 60_000)

it('never asked for what its policy forbids, and threw nothing', () => {
  expect(complaints).toEqual([])
})
