// `npm run pictures`: opens the made-up clinic and takes the pictures of docs/pictures, light and dark.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import { root, say, setUp } from './setup.mjs'

const PAGES = {
  overview: '/',
  jobs: '/jobs',
  job: '/jobs?q=state:failed',
  attempts: '/jobs?q=type:medication.refill-check%20state:failed',
  queues: '/queues',
  queue: '/queues/lab',
  workers: '/workers',
  failures: '/failures',
  'dead-letters': '/dead-letters',
  analytics: '/analytics?range=1h',
  notifications: '/notifications',
  types: '/types',
  type: '/types/lab.import-order',
  'add-job': '/types/lab.import-order?add=1',
  schedules: '/schedules?view=week',
  workflows: '/workflows',
  workflow: '/workflows/price_refresh',
  run: '/workflows',
  templates: '/templates',
  map: '/map',
  alerts: '/alerts',
  audit: '/audit',
  evidence: '/evidence',
  access: '/access?tab=roles',
  settings: '/settings',
}
/** What is pressed once the page is there. */
const PRESSED = {
  job: ['a.job-link'],
  attempts: ['a.job-link', '[role=tab]:has-text("Attempts")'],
  run: ['a.job-link'],
}
/** So that attempts have failed, and some jobs for good. */
const SETTLE_MS = 40_000

setUp()
const folder = join(root, 'docs/pictures')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const executablePath = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path))
if (!executablePath) {
  say('Chromium is needed for pictures (Debian and Ubuntu: apt-get install chromium).')
  process.exit(1)
}
const program = join(root, 'packages/orderly/dist/cli/main.js')
const clinic = spawn(process.execPath, [program, 'demo', '--port', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const browser = await chromium.launch({
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
try {
  const [line] = await new Promise((resolve) =>
    createInterface({ input: clinic.stdout }).once('line', (...args) => resolve(args)),
  )
  const { url, password } = JSON.parse(line)
  const context = await browser.newContext({
    viewport: { width: 1180, height: 740 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
  })
  const page = await context.newPage()
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('User name').fill('ana')
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Overview' }).waitFor()
  await page.waitForTimeout(SETTLE_MS)
  for (const [name, place] of Object.entries(PAGES)) {
    await page.goto(url + place)
    for (const each of PRESSED[name] ?? []) await page.locator(each).first().click()
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForTimeout(600)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
    }
    say(name)
  }
} finally {
  await browser.close()
  clinic.kill('SIGTERM')
}
