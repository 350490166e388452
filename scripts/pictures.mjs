// `npm run pictures [-- NAME…]`: opens the made-up clinic, then the made-up pharmacy, laboratory and hospitals, and takes the pictures
// of docs/pictures, light and dark, and their list: all of them, or those that are named.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import { format } from 'prettier'
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
/** The browser's own viewer of documents tells nobody when it has drawn. */
const DRAWN_AFTER_MS = { document: 5_000 }
/** So that attempts have failed, some jobs for good, and charts have a course. */
const SETTLE_MS = 120_000

const PACK_PAGES = {
  patients: '/packs/medication/patients',
  patient: '/packs/medication/patients',
  doses: '/packs/medication/schedule',
  supply: '/packs/medication/supply',
  findings: '/packs/medication/findings',
  adherence: '/packs/medication/adherence',
  orders: '/packs/lab/orders',
  order: '/packs/lab/orders',
  outbox: '/packs/lab/outbox',
  inbox: '/packs/lab/inbox',
  document: '/packs/lab/documents',
  forecast: '/packs/lab/forecast',
  anomalies: '/packs/lab/anomalies',
  hospitals: '/packs/prices/hospitals',
  hospital: '/packs/prices/hospitals',
  'price-files': '/packs/prices/files',
  'price-file': '/packs/prices/files',
  'price-form': '/packs/prices/files',
  codes: '/packs/prices/codes',
  compare: '/packs/prices/codes?search=99283',
}
const PACK_PRESSED = {
  patient: ['#content table a >> nth=1'],
  order: ['#content table a'],
  document: ['#content table a:has-text("Invoice")'],
  hospital: ['#content table a'],
  'price-file': ['#content table a'],
  'price-form': ['#content table a', '#content a:has-text("how its columns are read")'],
  compare: ['#content table a'],
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
    pages: { 'sign-in': '/sign-in', ...PAGES },
    pressed: PRESSED,
    seenBy: SEEN_BY,
    settle: SETTLE_MS,
    prepare: askForConsent,
  })
  await takeAll({
    program: [join(root, 'scripts/made-up-pharmacy.mjs'), '--json'],
    login: 'noa',
    pages: PACK_PAGES,
    pressed: PACK_PRESSED,
    settle: 1_000,
  })
  const names = ['sign-in', ...Object.keys(PAGES), ...Object.keys(PACK_PAGES)]
  writeFileSync(join(folder, 'README.md'), await format(listOf(names), { parser: 'markdown' }))
} finally {
  await browser.close()
}

/** @param prepare makes what a page is to show, as the person who is named there */
async function takeAll({ program, login, pages, pressed, seenBy = {}, settle, prepare }) {
  const own = Object.entries(pages).filter(([name]) => wanted.length === 0 || wanted.includes(name))
  if (own.length === 0) return
  const place = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [line] = await new Promise((resolve) =>
      createInterface({ input: place.stdout }).once('line', (...args) => resolve(args)),
    )
    const { url, password } = JSON.parse(line)
    const nobody = await openPage()
    const people = new Map()
    for (const name of new Set([login, ...Object.values(seenBy)]))
      people.set(name, await signIn(url, name, password))
    await nobody.waitForTimeout(settle)
    if (prepare) await prepare(people.get(Object.values(seenBy)[0]))
    for (const [name, path] of own) {
      const page = path === '/sign-in' ? nobody : people.get(seenBy[name] ?? login)
      await page.goto(url + path)
      await page.locator('h1').first().waitFor()
      for (const each of pressed[name] ?? []) await page.locator(each).first().click()
      await page.waitForTimeout(DRAWN_AFTER_MS[name] ?? 0)
      await picture(page, name)
      say(name)
    }
  } finally {
    place.kill('SIGTERM')
  }
}

async function openPage() {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
  })
  return context.newPage()
}

async function signIn(url, login, password) {
  const page = await openPage()
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('User name').fill(login)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Jobs' }).first().waitFor()
  return page
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
    'Taken of `orderly demo` and of a made-up pharmacy, laboratory and hospitals, by `npm run pictures`.',
    '',
    '| light | dark |',
    '| --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
