// The designer as its tests handle it: steps, their forms, what is said aloud, and the draft that is kept.
import type { Locator, Page } from 'playwright-core'
import type { Clinic } from './clinic.ts'

export interface Written {
  readonly nodes: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly edges: readonly unknown[]
}
/** The draft as it is kept; undefined where there is none. */
export const draftOf = async ({ orderly }: Clinic, id: string): Promise<Written | undefined> =>
  (await orderly.workflowDraft(id))?.document as Written | undefined
export const step = (page: Page, name: string): Locator =>
  page.locator(`.react-flow__node[data-id="${name}"]`).first()
export const form = (page: Page): Locator =>
  page.getByRole('complementary', { name: 'Step', exact: true })
export const tile = (page: Page, name: string): Locator =>
  page.getByRole('complementary', { name: 'Steps' }).getByRole('button', { name }).first()
export const tab = (page: Page, name: string): Locator => page.getByRole('tab', { name })
/** A small screen may show something else meanwhile. */
export const isRight = (page: Page): Promise<void> =>
  page
    .getByRole('tab', { name: 'Problems (0)', includeHidden: true })
    .waitFor({ state: 'attached' })
/** Finds a step by its name, wherever it is. */
export const find = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('button', { name: 'Find a step' }).click()
  await page.getByRole('dialog').getByRole('option', { name, exact: true }).click()
}
/** What a screen reader is given to say. */
export const heard = (page: Page, text: string | RegExp): Promise<void> =>
  page
    .locator('[data-heard], [data-problems]')
    .filter({ hasText: text })
    .first()
    .waitFor({ state: 'attached' })
