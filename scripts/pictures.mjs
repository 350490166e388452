// `npm run pictures`: opens the made-up clinic and takes the pictures of docs/pictures, light and dark, and their list.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
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
  schedules: '/schedules',
  week: '/schedules?view=week',
  schedule: '/schedules/nightly-prices',
  workflows: '/workflows',
  workflow: '/workflows/price_refresh',
  run: '/workflows',
  designer: '/workflows/price_refresh/design',
  templates: '/templates',
  map: '/map',
  alerts: '/alerts?show=all',
  'alert-rules': '/alerts?tab=rules',
  webhooks: '/alerts?tab=webhooks',
  audit: '/audit',
  evidence: '/evidence',
  consents: '/consents',
  users: '/access',
  access: '/access?tab=roles',
  keys: '/access?tab=keys',
  settings: '/settings',
}
/** What is pressed once the page is there. */
const PRESSED = {
  job: ['a.job-link'],
  attempts: ['a.job-link', '[role=tab]:has-text("Attempts")'],
  run: ['a.job-link'],
  designer: ['.react-flow__node[data-id=load]'],
}
/** Who may see it, where that is not everybody's administrator. */
const SEEN_BY = { consents: 'noa' }
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
  const open = async (login) => {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      locale: 'en-GB',
    })
    const page = await context.newPage()
    await page.goto(`${url}/sign-in`)
    await picture(page, 'sign-in')
    await page.getByLabel('User name').fill(login)
    await page.getByRole('textbox', { name: 'Password' }).fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Jobs' }).first().waitFor()
    return page
  }
  const pages = { ana: await open('ana'), noa: await open('noa') }
  await pages.ana.waitForTimeout(SETTLE_MS)
  await askForConsent(pages.noa)
  for (const [name, place] of Object.entries(PAGES)) {
    const page = pages[SEEN_BY[name] ?? 'ana']
    await page.goto(url + place)
    await page.locator('h1').first().waitFor()
    for (const each of PRESSED[name] ?? []) await page.locator(each).first().click()
    await picture(page, name)
    say(name)
  }
  writeFileSync(join(folder, 'README.md'), listOf(['sign-in', ...Object.keys(PAGES)]))
} finally {
  await browser.close()
  clinic.kill('SIGTERM')
}

/** A page as it stands, in both schemes. */
async function picture(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.waitForTimeout(700)
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
  }
}

/** So that the page of consents has something to decide. */
async function askForConsent(page) {
  await page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/v1/session')).json()
    const found = await fetch('/api/v1/jobs?q=type:medication.refill-check&limit=1')
    const { data } = await found.json()
    await fetch('/api/v1/reveal-approvals', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-orderly-csrf': csrf },
      body: JSON.stringify({
        job: data[0].id,
        part: 'input',
        pointers: ['/patient'],
        purpose: 'PATRQT',
        text: 'The patient asks which clinic has the order.',
      }),
    })
  })
}

function listOf(names) {
  const rows = names.map((name) => {
    const title = name.replaceAll('-', ' ')
    return `| ![${title}, light](${name}-light.png) | ![${title}, dark](${name}-dark.png) |`
  })
  return [
    '# Every page, light and dark',
    '',
    'Taken of `orderly demo` by `npm run pictures`.',
    '',
    '| light | dark |',
    '| --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
