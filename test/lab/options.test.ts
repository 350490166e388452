import { expect, it } from 'vitest'
import { lab } from '../../packs/lab/src/index.ts'

it.each([
  ['baseUrl', { baseUrl: 'lab.example' }],
  ['baseUrl', { baseUrl: 'http://lab.example' }],
  ['baseUrl', { baseUrl: 'javascript:alert(1)' }],
  ['zone', { zone: 'Mars/Olympus' }],
  ['mailsPerDomain', { mailsPerDomain: 0 }],
  ['mailsPerDomain', { mailsPerDomain: NaN }],
])('refuses at start a %s that would fail later', (name, options) => {
  expect(() => lab(options)).toThrow(expect.objectContaining({ code: 'ORDERLY_SETTING_INVALID' }))
  expect(() => lab(options)).toThrow(name)
})

it('takes every name of a zone, its aliases too', () => {
  for (const zone of ['America/Indiana/Indianapolis', 'US/Central', 'Asia/Kolkata', 'Etc/UTC'])
    expect(lab({ zone }).name).toBe('lab')
  expect(() => lab({ zone: '+02:00' })).toThrow('zone')
})

it('takes what is sound', () => {
  for (const options of [
    {},
    { baseUrl: 'http://localhost:3000/' },
    { baseUrl: 'https://lab.example/app', zone: 'America/Chicago', mailsPerDomain: 30 },
  ])
    expect(lab(options).name).toBe('lab')
})
