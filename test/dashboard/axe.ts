// axe in a page: what keeps somebody from using it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** @param isOtherScheme in the other scheme only colours can differ */
export async function axeFaults(page: Page, isOtherScheme = false): Promise<string[]> {
  await page.evaluate(restOfTransitions)
  // Run by the browser's own console, which the policy of the page does not bind.
  await page.evaluate(AXE)
  const options = isOtherScheme ? { runOnly: ['color-contrast'] } : {}
  const violations = await page.evaluate<AxeResults['violations']>(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`,
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
