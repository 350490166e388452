import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeFaults } from './axe.ts'
import { openBrowser, signIn } from './browser.ts'
import { openClinic, type Clinic } from './clinic.ts'

let clinic: Clinic
let browser: Browser
let ana: Page
const complaints: string[] = []

beforeAll(async () => {
  ;[clinic, browser] = await Promise.all([openClinic(), openBrowser()])
  ana = await signIn(browser, clinic.url, 'ana', complaints)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await clinic?.close()
})

interface Written {
  readonly nodes: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly edges: readonly unknown[]
}
const draftOf = async (id: string): Promise<Written | undefined> =>
  (await clinic.orderly.workflowDraft(id))?.document as Written | undefined
const design = async (page: Page, id: string): Promise<void> => {
  await page.goto(`${clinic.url}/workflows/${id}/design`)
  await page.locator('.designer').waitFor()
}
const step = (page: Page, name: string) =>
  page.locator(`.react-flow__node[data-id="${name}"]`).first()
const form = (page: Page) => page.getByRole('complementary', { name: 'Step', exact: true })
const tile = (page: Page, name: string) =>
  page.getByRole('complementary', { name: 'Steps' }).getByRole('button', { name }).first()
const tab = (page: Page, name: string) => page.getByRole('tab', { name })
const isRight = (page: Page) => tab(page, 'Problems (0)').waitFor()
/** Finds a step by its name, wherever it is. */
const find = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('button', { name: 'Find a step' }).click()
  await page.getByRole('dialog').getByRole('option', { name, exact: true }).click()
}
/** What a screen reader is given to say. */
const heard = (page: Page, text: string | RegExp) =>
  page
    .locator('[data-heard], [data-problems]')
    .filter({ hasText: text })
    .first()
    .waitFor({ state: 'attached' })

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
    expect((await draftOf('north_refresh'))?.edges).toEqual([
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

describe('with the keyboard alone', () => {
  let keys: Page
  const press = async (...all: readonly string[]): Promise<void> => {
    for (const key of all) await keys.keyboard.press(key)
  }
  /** Goes on with Tab until something of this name has the focus. */
  const tabTo = async (name: string | RegExp): Promise<void> => {
    for (let n = 0; n < 160; n++) {
      const at = await keys.evaluate(() => {
        const { activeElement: one } = document
        const labels = one instanceof HTMLInputElement ? [...(one.labels ?? [])] : []
        return (
          one?.getAttribute('aria-label') ??
          (labels.map(({ textContent }) => textContent).join(' ') || one?.textContent) ??
          ''
        )
      })
      if (typeof name === 'string' ? at.trim().startsWith(name) : name.test(at)) return
      await press('Tab')
    }
    throw new Error(`Tab never comes to ${String(name)}`)
  }
  const type = (text: string) => keys.keyboard.type(text)
  const add = async (what: string): Promise<void> => {
    await press('n')
    await keys.getByRole('dialog').getByLabel('Filter').waitFor()
    await type(what)
    await press('Enter')
    await keys.getByRole('dialog').waitFor({ state: 'hidden' })
  }

  beforeAll(async () => {
    keys = await (await ana.context().newPage()).context().newPage()
    keys.setDefaultTimeout(8_000)
    await keys.addInitScript(() => {
      for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
        addEventListener(kind, () => document.documentElement.setAttribute('data-touched', kind), {
          capture: true,
        })
    })
    await keys.goto(`${clinic.url}/workflows`)
    await keys.getByRole('button', { name: 'New workflow' }).waitFor()
  })

  it('makes a workflow and undoes and redoes all of it', async () => {
    await tabTo('New workflow')
    await press('Enter')
    await keys.getByRole('dialog').getByLabel('Its id').waitFor()
    await type('by_keys')
    await press('Enter')
    await keys.locator('.designer').waitFor()
    await add('import-order')
    await heard(keys, 'labImportOrder added, job')
    await press('Enter')
    await press('ControlOrMeta+a')
    await type('order')
    await press('Enter')
    await tabTo('orderId')
    await type('"L-5"')
    await press('Escape')
    await add('approval')
    await press('Enter')
    await tabTo('Question')
    await type('Is it right?')
    await tabTo('Who may decide')
    await type('operator')
    await press('Enter', 'Escape')
    await press('ArrowLeft')
    await heard(keys, /^order, job lab\.import-order\. Leads to approval/)
    await add('parallel')
    await press('ControlOrMeta+z')
    await heard(keys, 'parallel removed')
    await press('ArrowUp', 'ArrowRight', '/')
    await type('order')
    await press('Enter')
    await add('reports')
    await press('Enter')
    await tabTo('month')
    await type('"2026-01"')
    await tabTo('pages')
    await type('3')
    await press('Escape', 'ControlOrMeta+s')
    await isRight(keys)
    await keys.getByText('Draft 1').waitFor()
    const saved = await draftOf('by_keys')
    expect(Object.keys(saved!.nodes)).toEqual(['order', 'approval', 'reportsMonthly'])
    for (let n = 0; n < 40; n++) await press('ControlOrMeta+z')
    await keys.getByText('Choose a first step on the left, or press n.').waitFor()
    for (let n = 0; n < 40; n++) await press('ControlOrMeta+Shift+z')
    await isRight(keys)
    await press('ControlOrMeta+s')
    await keys.getByText('Draft 2').waitFor()
    expect(await draftOf('by_keys')).toEqual(saved)
  })

  it('connects, groups, notes, copies and pastes', async () => {
    await press('Escape', 'Escape', 'ArrowRight', 'ControlOrMeta+a', 'ControlOrMeta+g')
    await keys.locator('.group-box').waitFor()
    await press('ControlOrMeta+c', 'ControlOrMeta+v')
    await step(keys, 'approval2').waitFor()
    await heard(keys, '3 steps selected')
    await press('ControlOrMeta+x')
    await step(keys, 'approval2').waitFor({ state: 'detached' })
    await press('m')
    await keys.locator('.note').waitFor()
    await press('Enter')
    await type('Ask the laboratory first')
    await press('Escape', 'Escape')
    await keys.locator('.note').getByText('Ask the laboratory first').waitFor()
    await press('/')
    await type('order')
    await press('Enter', 'n')
    await keys.getByRole('dialog').getByLabel('Filter').waitFor()
    await type('parallel')
    await press('Enter', 'ArrowLeft')
    await press('ControlOrMeta+z')
    await step(keys, 'parallel').waitFor({ state: 'detached' })
    await press('+', '-', '0', '1', 'l')
    await isRight(keys)
  })

  it('tries, plays, deploys and runs it, and never touched a pointer', async () => {
    await press('Escape', '/')
    await type('order')
    await press('Enter', 't')
    await keys.getByText('"orderId": "L-5"').waitFor()
    await press('ArrowRight')
    await tabTo('Play it')
    await press('Enter')
    await keys.getByText('It would be completed').waitFor()
    await press('Escape')
    await keys.evaluate(() => document.querySelector('main')?.focus())
    await tabTo('Deploy…')
    await press('Enter')
    const dialog = keys.getByRole('dialog')
    await dialog.getByLabel('What has changed, and why').waitFor()
    await type('made by keys')
    await dialog.getByRole('button', { name: 'Deploy', disabled: false }).waitFor()
    await tabTo(/^Deploy$/)
    await press('Enter')
    await keys.getByText('Deployed: v1').waitFor()
    await tabTo('Deployed: v1')
    await press('Enter')
    await tabTo('Start a run')
    await press('Enter')
    await dialog.waitFor()
    await tabTo(/^Start a run$/)
    await press('Enter')
    await keys.waitForURL((url) => url.pathname.startsWith('/runs/'))
    await keys.locator('.waterfall').getByText('order').waitFor()
    expect(await keys.evaluate(() => document.documentElement.dataset['touched'])).toBeUndefined()
  })
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
