import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, signIn } from './browser.ts'
import { openClinic, type Clinic } from './clinic.ts'
import { draftOf, heard, isRight, step } from './designing.ts'

let clinic: Clinic
let browser: Browser
const complaints: string[] = []
/** What a small screen shows one after the other is the same to the keys. */
const SIZES = [
  { name: 'on a desktop', width: 1440, height: 900, id: 'by_keys', isSlow: false },
  { name: 'on 320 px', width: 320, height: 700, id: 'by_few_keys', isSlow: true },
] as const

beforeAll(async () => {
  ;[clinic, browser] = await Promise.all([openClinic(), openBrowser()])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await clinic?.close()
})

describe.each(SIZES)('with the keyboard alone, $name', ({ width, height, id, isSlow }) => {
  let keys: Page

  beforeAll(async () => {
    keys = await signIn(browser, clinic.url, 'ana', complaints, { width, height })
    keys.setDefaultTimeout(8_000)
    if (isSlow) await keys.addInitScript(timersComeLate)
    await keys.addInitScript(() => {
      for (const kind of ['pointerdown', 'mousedown', 'touchstart'])
        addEventListener(kind, () => document.documentElement.setAttribute('data-touched', kind), {
          capture: true,
        })
    })
    await keys.goto(`${clinic.url}/workflows`)
    await keys.getByRole('button', { name: 'New workflow' }).waitFor()
  })

  afterAll(() => keys?.context().close())

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

  it('makes a workflow and undoes and redoes all of it', async () => {
    await tabTo('New workflow')
    await press('Enter')
    await keys.getByRole('dialog').getByLabel('Its id').waitFor()
    await type(id)
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
    const saved = await draftOf(clinic, id)
    expect(Object.keys(saved!.nodes)).toEqual(['order', 'approval', 'reportsMonthly'])
    for (let n = 0; n < 40; n++) await press('ControlOrMeta+z')
    await keys
      .getByText('Choose a first step on the left, or press n.')
      .waitFor({ state: 'attached' })
    for (let n = 0; n < 40; n++) await press('ControlOrMeta+Shift+z')
    await isRight(keys)
    await press('ControlOrMeta+s')
    await keys.getByText('Draft 2').waitFor()
    expect(await draftOf(clinic, id)).toEqual(saved)
  })

  it.runIf(width > 320)('connects, groups, notes, copies and pastes', async () => {
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

  it('tries, plays, deploys, schedules and runs it, and never touched a pointer', async () => {
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
    await tabTo(/^Schedule$/)
    await press('Enter')
    await dialog.getByRole('button', { name: 'Save the schedule' }).waitFor()
    // Where one writes first.
    expect(await keys.locator(':focus').evaluate(({ tagName }) => tagName)).toBe('INPUT')
    await tabTo('Times')
    await press('ControlOrMeta+a')
    await type('06:15')
    await tabTo('Tue')
    await press('Space')
    await tabTo('Save the schedule')
    await press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    // The keys are back where they opened the dialog.
    expect(await keys.locator(':focus').textContent()).toBe('Schedule')
    const made = (await clinic.orderly.schedules()).find(({ workflow }) => workflow === id)
    expect(JSON.stringify(made?.spec)).toMatch(/15 6 \* \* (2|TUE)/)
    await tabTo('Start a run')
    await press('Enter')
    await dialog.waitFor()
    await tabTo(/^Start a run$/)
    await press('Enter')
    await keys.waitForURL((url) => url.pathname.startsWith('/runs/'))
    await keys.locator('.waterfall').getByText('order').waitFor()
    expect(await keys.evaluate(() => document.documentElement.dataset['touched'])).toBeUndefined()
    expect(complaints).toEqual([])
  })
})

/** Timers that are due at once come late, as on a machine that is busy: the keys do not wait for them. */
function timersComeLate(): void {
  const { setTimeout: after } = globalThis
  const late = (then: TimerHandler, ms = 0, ...rest: unknown[]): number =>
    Number(Reflect.apply(after, globalThis, [then, ms > 0 ? ms : 100, ...rest]))
  Object.assign(globalThis, { setTimeout: late })
}
