import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkBundle } from './check-bundle.ts'
import { commands } from './commands.ts'

const fixture = (name: string): string =>
  new URL(`../../fixtures/synthea/${name}.json`, import.meta.url).pathname

async function run(
  name: string,
  options: Record<string, string | boolean>,
  args: string[] = [],
  home?: string,
) {
  const out: string[] = []
  const err: string[] = []
  const code = await commands
    .find((command) => command.name === name)!
    .run({
      args,
      options,
      home,
      print: (line) => void out.push(line),
      say: (line) => void err.push(line),
    })
  return { code, out, err }
}

describe('orderly medication', () => {
  let folder = ''
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'orderly-medication-'))))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('checks a bundle without an installation', async () => {
    const { code, out } = await run('interactions', {
      bundle: fixture('tristan-gleason'),
      json: true,
    })
    const found = JSON.parse(out[0]!) as Record<string, unknown>
    expect(code).toBe(0)
    expect(Object.keys(found)).toEqual(['patient', 'active', 'findings', 'issues'])
    expect(found['active']).toContain('Clopidogrel 75 MG Oral Tablet')
    expect(found['findings']).toBeInstanceOf(Array)
  })

  it('checks each patient of a bundle alone', () => {
    const order = (id: string, patient: string, name: string) => ({
      resourceType: 'MedicationRequest',
      id,
      status: 'active',
      intent: 'order',
      subject: { reference: `Patient/${patient}` },
      medicationCodeableConcept: { text: name },
    })
    const bundle = (...resources: object[]) => ({
      resourceType: 'Bundle',
      entry: resources.map((resource) => ({ resource })),
    })
    const patients = ['p1', 'p2'].map((id) => ({ resourceType: 'Patient', id }))
    const metoprolol = order('a', 'p1', 'Metoprolol 50 MG Oral Tablet')
    const apart = checkBundle(
      bundle(...patients, metoprolol, order('b', 'p2', 'Verapamil 80 MG Oral Tablet')),
    )
    expect(apart).toMatchObject({
      patient: 'p1',
      active: ['Metoprolol 50 MG Oral Tablet'],
      findings: [],
      others: [{ patient: 'p2', active: ['Verapamil 80 MG Oral Tablet'], findings: [] }],
    })
    const together = checkBundle(
      bundle(...patients, metoprolol, order('b', 'p1', 'Verapamil 80 MG Oral Tablet')),
    )
    expect(together.findings).toHaveLength(1)
  })

  it('says with its exit code that something bad was found, when asked, and what it cannot read', async () => {
    const bad = join(folder, 'bad.json')
    const bundle = JSON.parse(readFileSync(fixture('clemente-kreiger'), 'utf8')) as {
      entry: object[]
    }
    const patient = (bundle.entry[0] as { resource: { id: string } }).resource.id
    for (const text of ['Simvastatin 20 MG Oral Tablet', 'Clarithromycin 500 MG Oral Tablet'])
      bundle.entry.push({
        resource: {
          resourceType: 'MedicationRequest',
          id: text.slice(0, 4),
          status: 'active',
          intent: 'order',
          subject: { reference: `Patient/${patient}` },
          medicationCodeableConcept: { text },
        },
      })
    writeFileSync(bad, JSON.stringify(bundle))
    const strict = await run('interactions', { bundle: bad, json: true, strict: true })
    expect(strict.code).toBe(3)
    expect(JSON.parse(strict.out[0]!)).toMatchObject({
      patient,
      findings: [
        {
          drugs: ['Clarithromycin 500 MG Oral Tablet', 'Simvastatin 20 MG Oral Tablet'],
          severity: 'contraindicated',
          rule: 'statin-cyp3a4',
        },
      ],
    })
    expect((await run('interactions', { bundle: join(folder, 'none.json') })).code).toBe(2)
    // The shape that programs rely on, to the letter.
    const [found] = (JSON.parse(strict.out[0]!) as { findings: object[] }).findings
    expect(Object.keys(found!)).toEqual(['drugs', 'severity', 'rule'])
  })

  it('checks by a set of rules of one’s own, too', async () => {
    const rules = join(folder, 'licensed.csv')
    writeFileSync(rules, 'drug_a,drug_b,severity\nclopidogrel,simvastatin,major\nx,y,?\n')
    const options = { bundle: fixture('tristan-gleason'), json: true, rules }
    const { code, err, out } = await run('interactions', options)
    expect(code).toBe(0)
    expect(err).toEqual(['1 lines of the rules were left out'])
    const found = (JSON.parse(out[0]!) as { findings: { rule: string }[] }).findings
    expect(found.map(({ rule }) => rule)).toContain('licensed.csv:clopidogrel+simvastatin')
    writeFileSync(rules, 'a,b\n1,2\n')
    expect((await run('interactions', options)).code).toBe(2)
  })

  it('takes no bundle in without a time zone, nor with one that does not exist', async () => {
    const home = join(folder, 'nowhere')
    const without = await run('import', {}, [fixture('cody-larson')], home)
    expect(without).toMatchObject({ code: 1, out: [] })
    expect(without.err).toEqual([expect.stringContaining('--zone Europe/Dublin')])
    expect(existsSync(home)).toBe(false)
    const unknown = await run('import', { zone: 'Mars/Base' }, [fixture('cody-larson')], home)
    expect(unknown).toMatchObject({ code: 1, out: [] })
    expect(unknown.err).toEqual([expect.stringContaining('give one such as Europe/Dublin')])
    expect((await run('interactions', { json: true }, [], home)).out.join()).not.toContain('drugs')
    expect((await run('due', { json: true }, [], home)).out).toEqual(['{"due":[]}'])
  })

  it('imports, shows, backs up, tests and restores in an installation', async () => {
    const home = join(folder, 'home')
    const imported = await run(
      'import',
      { zone: 'America/New_York', json: true },
      [fixture('cruz-halvorson')],
      home,
    )
    expect(imported.code).toBe(0)
    expect(JSON.parse(imported.out[0]!)).toMatchObject({ orders: 8 })
    await run('import', { zone: 'America/New_York' }, [fixture('cody-larson')], home)
    expect((await run('due', {}, [], home)).out.length).toBeGreaterThan(0)
    expect((await run('supply', { json: true }, [], home)).code).toBe(0)
    expect((await run('interactions', {}, [], home)).out.length).toBeGreaterThan(0)
    expect(await run('adherence', {}, [], home)).toMatchObject({
      code: 0,
      out: ['No day was summed up yet; each is once it is over.'],
    })
    const saved = JSON.parse((await run('backup', { json: true }, [], home)).out[0]!) as {
      id: string
    }
    expect((await run('restore-test', {}, [saved.id], home)).out[0]).toMatch(/are whole$/)
    expect((await run('restore', {}, [saved.id], home)).code).toBe(0)
    expect(await run('restore', {}, ['nothing'], home)).toMatchObject({ code: 1, out: [] })
  })
})
