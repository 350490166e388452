import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFaults } from './axe.ts'
import { openBrowser, signIn } from './browser.ts'
import { openClinic, type Clinic } from './clinic.ts'

const PATIENT = 'Canary Ninenine'
const WHY = 'The patient asks which clinic it is.'

let clinic: Clinic
let browser: Browser
let noa: Page
let pia: Page
let job: string
const complaints: string[] = []

beforeAll(async () => {
  ;[clinic, browser] = await Promise.all([openClinic({ revealAlwaysTwo: true }), openBrowser()])
  job = (
    await clinic.orderly.enqueueByName('medication.refill-check', {
      patient: PATIENT,
      mrn: '999123',
      clinicId: 'north',
      daysLeft: 4,
    })
  ).id
  ;[noa, pia] = await Promise.all([
    signIn(browser, clinic.url, 'noa', complaints),
    signIn(browser, clinic.url, 'pia', complaints, { width: 320, height: 700 }),
  ])
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await clinic?.close()
})

it('begins where a role may look, and asks for nothing that it may not have', async () => {
  const refused: string[] = []
  pia.on('response', (answer) => {
    if (answer.status() === 403) refused.push(answer.url())
  })
  await pia.goto(clinic.url)
  await pia.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor()
  await pia.getByText('medication.refill-check').first().waitFor()
  expect(new URL(pia.url()).pathname).toBe('/jobs')
  expect(refused).toEqual([])
})

const askToSee = async (): Promise<void> => {
  await noa.goto(`${clinic.url}/jobs/${job}?tab=data`)
  await noa.getByRole('button', { name: 'Reveal patient' }).click()
  await noa.getByRole('dialog').getByLabel('Purpose').first().click()
  await noa.getByRole('option', { name: 'The patient asked' }).click()
  await noa.getByRole('dialog').getByLabel('What for').fill(WHY)
}

it('lets one person ask, another consent on a phone, and the first then see the value once', async () => {
  await askToSee()
  await noa.getByRole('dialog').getByRole('button', { name: 'Reveal' }).click()
  await noa.getByRole('button', { name: 'Ask for consent' }).click()
  await noa.getByText('You are told once somebody has decided').waitFor()

  await pia.goto(`${clinic.url}/consents`)
  await pia.getByRole('button', { name: 'Decide …' }).click()
  await pia.getByRole('dialog').getByText(WHY).waitFor()
  expect(await axeFaults(pia)).toEqual([])
  expect(await pia.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
  await pia.getByRole('dialog').getByRole('button', { name: 'Consent' }).click()
  await pia.getByText('consented').waitFor()
  expect(await pia.content()).not.toContain(PATIENT)

  await noa.goto(`${clinic.url}/consents`)
  await noa.getByRole('link', { name: 'See the value' }).click()
  await noa.waitForURL((url) => url.pathname.endsWith(job))
  await askToSee()
  await noa.getByText('Somebody else has consented to it').waitFor()
  await noa.getByRole('dialog').getByRole('button', { name: 'Reveal' }).click()
  await noa.locator('[data-revealed]').getByText(PATIENT).waitFor()

  await noa.goto(`${clinic.url}/consents`)
  await noa.getByText('used', { exact: true }).waitFor()
  expect(await noa.getByRole('link', { name: 'See the value' }).count()).toBe(0)
  expect(complaints).toEqual([])
})
