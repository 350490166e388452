import { describe, expect, it } from 'vitest'
import { detailsOf } from '../import/details.ts'
import { openGazetteer } from '../import/gazetteer.ts'
import { normaliseStreet, parseAddress } from '../shape/address.ts'
import { isCcn, isNpi, stateOfCcn } from '../shape/provider-numbers.ts'
import { readCmsHpt } from './cms-hpt.ts'
import { readRegistry } from './registry.ts'

describe('cms-hpt.txt', () => {
  const block = (name: string): string =>
    `location-name: ${name}\nsource-page-url: https://h.example/prices\nmrf-url: https://h.example/${name}.csv\ncontact-name: X\ncontact-email: x@h.example\n`

  it.each([
    ['as CMS shows it', `${block('a')}\n${block('b')}`],
    ['with a mark and CRLF', `\ufeff${block('a')}\n${block('b')}`.replaceAll('\n', '\r\n')],
    ['without blank lines', block('a') + block('b')],
    ['with a blank line after every line', `${block('a')}${block('b')}`.replaceAll('\n', '\n\n')],
    ['in capitals, with stray keys', `# prices\n${block('a')}note: none\n\n${block('b')}`.replace('mrf-url', 'MRF-URL')],
  ])('is read %s', (_, text) => {
    expect(readCmsHpt(text).entries.map(({ location, fileUrl }) => [location, fileUrl])).toEqual([
      ['a', 'https://h.example/a.csv'],
      ['b', 'https://h.example/b.csv'],
    ])
  }) // prettier-ignore

  it('counts entries that name no file, and refuses a web page', () => {
    expect(readCmsHpt('location-name: a\n\n').incomplete).toBe(1)
    expect(() => readCmsHpt('<!DOCTYPE html><html></html>')).toThrow('web page')
  })
})

describe('a registry', () => {
  it('joins rows of one id, passes over what has no name, and keeps leading zeros', () => {
    const text = 'id,name,zip,url\n1,A,01069,https://h.example/1.csv\n1,A,01069,https://h.example/2.csv\n2,,,https://h.example/3.csv\n3,C,,not a url\n'
    const listed = [...readRegistry(text)]
    expect(listed.flatMap(({ problem }) => problem ?? [])).toHaveLength(2)
    const [a] = listed.flatMap(({ hospital }) => hospital ?? [])
    expect(a).toMatchObject({ zip: '01069', files: [{ name: '1.csv' }, { name: '2.csv' }] })
  }) // prettier-ignore

  it.each(['{"a":1}', 'x,y\n1,2\n', '[1]', '{broken'])('is refused when it is %j', (text) => {
    expect(() => [...readRegistry(text)]).toThrow(/registry/i)
  })
})

describe('details of a hospital', () => {
  it.each([
    ['80 Jesse Hill Jr. Drive SE', '80 JESSE HILL JR DR SE'],
    ['205 North East Avenue', '205 N EAST AVE'],
    ['100 Michigan Street NE, Suite 4', '100 MICHIGAN ST NE STE 4'],
    ['P.O. Box 12', 'PO BOX 12'],
    ['5 Avenue', '5 AVENUE'],
    ['12 North Street', '12 NORTH ST'],
  ])('write %s as %s, and again the same', (text, street) => {
    expect(normaliseStreet(text)).toBe(street)
    expect(normaliseStreet(street)).toBe(street)
  })

  it('take a one-line address apart', () => {
    expect(parseAddress('12 Main Street, Fullerton, CA  92832-1234')).toEqual({
      street: '12 MAIN ST', city: 'Fullerton', state: 'CA', zip: '92832',
    }) // prettier-ignore
    expect(parseAddress('Fullerton')).toBeUndefined()
  })

  const said = { address: '1 Main St', city: 'Dothan', state: 'AL', zip: '36301', ccn: null, npi: null, listed_latitude: null, listed_longitude: null } // prettier-ignore
  it.each([
    [said, 'valid', []],
    [{ ...said, zip: '1069', city: 'Palmer', state: 'MA' }, 'valid', []],
    [{ ...said, zip: null }, 'corrected', []],
    [{ ...said, state: null }, 'corrected', []],
    [{ ...said, state: 'GA' }, 'doubtful', [/another state/]],
    [{ ...said, zip: '00000' }, 'doubtful', [/no such ZIP/]],
    [{ ...said, city: 'Mobile' }, 'doubtful', [/another place/]],
    [{ ...said, address: null, city: null, state: null, zip: null }, 'unknown', []],
    [{ ...said, listed_latitude: 47.6, listed_longitude: -122.3 }, 'valid', [/far/]],
    [{ ...said, ccn: '450001', npi: '1234567890' }, 'valid', [/check digit/, /CCN was given/]],
  ] as const)('are judged %#', async (given, state, problems) => {
    const details = detailsOf(given, await openGazetteer())
    expect(details.addressState).toBe(state)
    expect(details.problems).toEqual(problems.map((each) => expect.stringMatching(each) as string))
  })

  it('check numbers', () => {
    expect(['1234567893', '1245319599'].map(isNpi)).toEqual([true, true])
    expect(['1234567890', '3234567893', '123456789'].map(isNpi)).toEqual([false, false, false])
    expect(['050599', '05S599', '5599', '0A0599'].map(isCcn)).toEqual([true, true, false, false])
    expect(stateOfCcn('050599')).toBe('CA')
  })
})
