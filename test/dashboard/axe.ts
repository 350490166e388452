// axe in a page: what keeps somebody from using it, once the page stands still.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** What is right is not written down, nor the way to any element: that would be much of the work. */
const BRIEFLY = { resultTypes: ['violations'], selectors: false } as const
/** How often a fault is looked at again: one that goes belonged to what the page was about to show. */
const LOOKS = 6
const BETWEEN_MS = 250

/** The faults of what the page shows, in both schemes; in dark only colours can differ. */
export async function axeFaults(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor({ state: 'attached' })
    const options = scheme === 'dark' ? { runOnly: ['color-contrast'] } : {}
    let faults = await look(page, options)
    for (let again = 1; faults.length > 0 && again < LOOKS; again++) {
      await page.waitForTimeout(BETWEEN_MS)
      faults = await look(page, options)
    }
    found.push(...faults.map((fault) => `${scheme}: ${fault}`))
  }
  await page.emulateMedia({ colorScheme: 'light' })
  return found
}

async function look(page: Page, options: object): Promise<string[]> {
  await page.evaluate(restOfTransitions)
  // Run by the browser's own console, which the policy of the page does not bind. A page that was not loaded anew has it.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE)
  const violations = await page.evaluate<AxeResults['violations']>(
    `axe.run(${JSON.stringify({ ...BRIEFLY, ...options })}).then(({ violations }) => violations)`,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 1).map(({ html }) => `${id} ${html.slice(0, 160)}`),
  )
}

/** A colour half way to another has a contrast that nobody chose. What turns for ever, such as a spinner, is not waited for. */
async function restOfTransitions(): Promise<void> {
  const frame = (): Promise<unknown> => new Promise((done) => requestAnimationFrame(done))
  await frame()
  await frame()
  const ending = document
    .getAnimations()
    .filter(({ effect }) => effect && effect.getComputedTiming().endTime !== Infinity)
  await Promise.allSettled(ending.map(({ finished }) => finished))
}
