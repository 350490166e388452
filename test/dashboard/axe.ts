// axe in a page: what keeps somebody from using it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** @param isOtherScheme in the other scheme only colours can differ */
export async function axeFaults(page: Page, isOtherScheme = false): Promise<string[]> {
  // Run by the browser's own console, which the policy of the page does not bind.
  await page.evaluate(AXE)
  return page.evaluate(async (isOtherScheme) => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
      }
    }
    const { violations } = await axe.run(isOtherScheme ? { runOnly: ['color-contrast'] } : {})
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 1).map(({ html }) => `${id} ${html.slice(0, 160)}`),
    )
  }, isOtherScheme)
}
