// What the dashboard costs in a real browser: lists of a large record, a cold load, finding one job, and 500 events a second.
// `npm run bench -- dashboard [--jobs 1000000] [--events 500] [--seconds 60] [--json]`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'

const PASSWORD = 'a clinic that does not exist'
const TIMES = 60
const LOADS = 5
const FINDS = 10
const SEARCHES = [
  '',
  'state:failed',
  'state:completed',
  'queue:medication',
  'queue:lab state:failed',
  'type:job-3',
  'type:job-rare',
  'fp:000000000007',
  'created:-24h',
  'sort:-duration',
]
const AIMS = { list: 150, load: 1_000, find: 1_000, updates: 4, heap: 1.1 }

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      jobs: { type: 'string', default: '1000000' },
      events: { type: 'string', default: '500' },
      seconds: { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
    },
  })
  const server = spawn(
    process.execPath,
    [
      '--conditions',
      'source',
      '--import',
      'tsx',
      join(import.meta.dirname, '_dashboard-server.mjs'),
      values.jobs,
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  )
  const browser = await chromium.launch({
    executablePath: [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
    ].find((path) => existsSync(path)),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  try {
    const [{ url }] = await once(server, 'message')
    const session = await signIn(browser, url)
    const rows = []
    for (const measure of [measureLists, measureLoads, measureFinds, measureLive]) {
      process.stderr.write(`${measure.name} …\n`)
      const measured = await measure(browser, session, url, server, values)
      for (const each of measured) process.stderr.write(`  ${Object.values(each).join(' · ')}\n`)
      rows.push(...measured)
    }
    if (values.json) return console.log(JSON.stringify(rows))
    console.log(`\n${Number(values.jobs).toLocaleString('en')} recorded jobs, in Chromium.\n`)
    console.table(rows)
  } finally {
    await browser.close()
    if (server.connected) {
      server.send({ end: true })
      await once(server, 'exit')
    }
  }
}

async function signIn(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('User name').fill('ana')
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Jobs' }).first().waitFor()
  return context.storageState()
}

const DESKTOP = { width: 1440, height: 900 }
const PHONE = { width: 320, height: 700 }

const open = (browser, storageState, viewport = DESKTOP) =>
  browser.newContext({ viewport, storageState, locale: 'en-GB' })

async function measureLists(browser, session, url) {
  const context = await open(browser, session)
  const page = await context.newPage()
  await page.goto(`${url}/api/docs`)
  const rows = []
  for (const q of SEARCHES) {
    const taken = await page.evaluate(
      async ({ q, times }) => {
        const taken = []
        for (let n = 0; n < times; n++) {
          const since = performance.now()
          const answer = await fetch(`/api/v1/jobs?limit=100&q=${encodeURIComponent(q)}`)
          await answer.json()
          taken.push(performance.now() - since)
        }
        return taken
      },
      { q, times: TIMES },
    )
    const [p50, p95] = [at(taken, 0.5), at(taken, 0.95)]
    rows.push(row(`list “${q}”, p95 ms`, p95, `p50 ${p50}`, AIMS.list))
  }
  await context.close()
  return rows
}

/** Nothing cached: from the wish to see the list until its rows stand and the page answers. */
async function measureLoads(browser, session, url) {
  const taken = []
  for (let n = 0; n < LOADS; n++) {
    const context = await open(browser, session)
    const page = await context.newPage()
    await page.goto(`${url}/jobs`, { waitUntil: 'commit' })
    await page.locator('tbody a.job-link').first().waitFor()
    taken.push(
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            requestIdleCallback(() => resolve(performance.now()), { timeout: 5_000 })
          }),
      ),
    )
    await context.close()
  }
  return [
    row('cold load of /jobs to idle, median ms', at(taken, 0.5), `most ${at(taken, 1)}`, AIMS.load),
  ]
}

/** As a person looks for one job among all: types a search, and sees the row of that job and no other. */
async function measureFinds(browser, session, url) {
  return [
    await measureFind(browser, session, url, DESKTOP),
    await measureFind(browser, session, url, PHONE),
  ]
}

async function measureFind(browser, session, url, size) {
  const context = await open(browser, session, size)
  const page = await context.newPage()
  await page.goto(`${url}/jobs`)
  await page.locator('tbody a.job-link').first().waitFor()
  const ids = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/jobs?limit=100&q=type:job-rare')
    return (await answer.json()).data.map(({ id }) => id)
  })
  const taken = []
  for (let n = 0; n < FINDS; n++) {
    const id = ids[Math.floor((n * ids.length) / FINDS)]
    await page.getByRole('textbox', { name: 'Find jobs' }).fill(`id:${id}`)
    const since = performance.now()
    await page.keyboard.press('Enter')
    await page.waitForFunction(
      (title) => {
        const rows = [...document.querySelectorAll('tbody a.job-link')]
        return rows.length === 1 && rows[0].getAttribute('title') === title
      },
      id,
      { polling: 'raf' },
    )
    taken.push(performance.now() - since)
  }
  await context.close()
  const name = `finding one job by hand, ${size.width} px wide, median ms`
  return row(name, at(taken, 0.5), `most ${at(taken, 1)}`, AIMS.find)
}

async function measureLive(browser, session, url, server, { events, seconds }) {
  const context = await open(browser, session)
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await page.goto(`${url}/jobs`)
  await page.locator('tbody a.job-link').first().waitFor()
  await page.waitForTimeout(2_000)
  await page.evaluate(() => {
    globalThis.updates = []
    new MutationObserver(() => globalThis.updates.push(performance.now())).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    })
  })
  const heap = async () => {
    await cdp.send('HeapProfiler.collectGarbage')
    return (await cdp.send('Runtime.getHeapUsage')).usedSize / 1_048_576
  }
  const done = once(server, 'message')
  server.send({ busy: { events: Number(events), seconds: Number(seconds) } })
  await page.waitForTimeout((Number(seconds) * 1_000) / 4)
  const before = await heap()
  const [{ added, doneIn }] = await done
  const after = await heap()
  const updates = await page.evaluate(() => {
    const bySecond = new Map()
    for (const time of globalThis.updates) {
      const second = Math.floor(time / 1_000)
      bySecond.set(second, (bySecond.get(second) ?? 0) + 1)
    }
    return [...bySecond.values()]
  })
  await page.waitForTimeout(4_000)
  const differing = await page.evaluate(differingCounts)
  await context.close()
  const rate = Math.round((added * 3) / doneIn)
  const mean = updates.reduce((sum, n) => sum + n, 0) / doneIn
  return [
    row('events a second, really', rate, `${added} jobs in ${doneIn.toFixed(1)} s`, undefined),
    row(
      'DOM updates a second, mean',
      mean.toFixed(2),
      `most ${Math.max(0, ...updates)}`,
      AIMS.updates,
    ),
    row(
      'heap at the end beside a quarter in',
      (after / before).toFixed(2),
      `${before.toFixed(1)} → ${after.toFixed(1)} MiB`,
      AIMS.heap,
    ),
    row('states whose count differs from the API', differing.length, differing.join('; '), 0.5),
  ]
}

/** Runs in the page: the chips say what the API says, as short as they say it. */
async function differingCounts() {
  const { counts } = await (await fetch('/api/v1/overview')).json()
  const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
  const chips = [...document.querySelectorAll('.chip')].flatMap((chip) => {
    const state = chip.querySelector('[data-state]')?.dataset.state
    return state ? [[state, chip.querySelector('.number').textContent.trim()]] : []
  })
  return chips.flatMap(([state, shown]) => {
    const n = counts.filter((row) => row.state === state).reduce((sum, row) => sum + row.n, 0)
    const told = short.format(n)
    return shown === told ? [] : [`${state}: ${shown}, API ${told}`]
  })
}

function at(taken, share) {
  const sorted = taken.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.floor((sorted.length - 1) * share)] * 10) / 10
}

function row(measure, value, more, aim) {
  return {
    measure,
    value: Number(value),
    more,
    ...(aim ? { aim, held: Number(value) <= aim } : {}),
  }
}
