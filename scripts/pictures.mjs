// `npm run pictures [-- NAME…]`: opens the made-up clinic, then the made-up pharmacy and laboratory, and takes the pictures
// of docs/pictures, light and dark: all of them, or those that are named.
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

const PACK_PAGES = {
  patients: '/packs/medication/patients',
  patient: '/packs/medication/patients',
  doses: '/packs/medication/schedule',
  supply: '/packs/medication/supply',
  adherence: '/packs/medication/adherence',
  orders: '/packs/lab/orders',
  outbox: '/packs/lab/outbox',
  document: '/packs/lab/documents',
  forecast: '/packs/lab/forecast',
  anomalies: '/packs/lab/anomalies',
}
const PACK_PRESSED = {
  patient: ['#content table a >> nth=1'],
  document: ['#content table a:has-text("Invoice")'],
}

setUp()
const folder = join(root, 'docs/pictures')
const wanted = process.argv.slice(2)
if (wanted.length === 0) rmSync(folder, { recursive: true, force: true })
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
  await takeAll({
    program: [join(root, 'packages/orderly/dist/cli/main.js'), 'demo', '--port', '0', '--json'],
    login: 'ana',
    pages: PAGES,
    pressed: PRESSED,
    settle: SETTLE_MS,
  })
  await takeAll({
    program: [join(root, 'scripts/made-up-pharmacy.mjs'), '--json'],
    login: 'noa',
    pages: PACK_PAGES,
    pressed: PACK_PRESSED,
    settle: 1_000,
  })
} finally {
  await browser.close()
}

async function takeAll({ program, login, pages, pressed, settle }) {
  const own = Object.entries(pages).filter(([name]) => wanted.length === 0 || wanted.includes(name))
  if (own.length === 0) return
  const place = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = await new Promise((resolve) =>
      createInterface({ input: place.stdout }).once('line', (...args) => resolve(args)),
    )
    const { url, password } = JSON.parse(line)
    const context = await browser.newContext({
      viewport: { width: 1180, height: 740 },
      reducedMotion: 'reduce',
      locale: 'en-GB',
    })
    const page = await context.newPage()
    await page.goto(`${url}/sign-in`)
    await page.getByLabel('User name').fill(login)
    await page.getByRole('textbox', { name: 'Password' }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Overview' }).waitFor()
    await page.waitForTimeout(settle)
    for (const [name, path] of own) {
      await page.goto(url + path)
      for (const each of pressed[name] ?? []) await page.locator(each).first().click()
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.waitForTimeout(600)
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
      }
      say(name)
    }
    await context.close()
  } finally {
    place.kill('SIGTERM')
  }
}
