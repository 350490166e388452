// Chromium as the journeys use it: found on the machine, told to ask nothing of the world outside.
import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { findProgram } from '../../packages/bullmq-sqlite/conformance/programs.ts'
import { PASSWORD } from './clinic.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export function openBrowser(): Promise<Browser> {
  const executablePath =
    PLACES.find((path) => existsSync(path)) ?? findProgram('chromium', 'chromium')
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Signs somebody in, in a browser context of their own. What the page complains of is kept in `complaints`. */
export async function signIn(
  browser: Browser,
  url: string,
  login: string,
  complaints: string[],
  { width = 1440, height = 900, locale = 'en-GB' } = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height }, locale })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('console', (message) => {
    // Nobody is signed in before signing in; the browser logs that answer as an error.
    if (/Content Security Policy|Uncaught/i.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`${url}/sign-in`)
  await page.locator('input[autocomplete=username]').fill(login)
  await page.locator('input[type=password]').fill(PASSWORD)
  await page.locator('button[type=submit]').click()
  await page.locator('#content h1').waitFor()
  return page
}

/** Opens another page as a link of the dashboard does, which loads nothing anew that is there, and waits until it shows. */
export async function follow(page: Page, href: string): Promise<void> {
  await page.evaluate(async (to) => {
    const router: { navigate: (where: { readonly href: string }) => Promise<void> } = Reflect.get(
      globalThis,
      '__TSR_ROUTER__',
    )
    await router.navigate({ href: to })
  }, href)
  await page.getByRole('heading', { level: 1 }).waitFor()
}
