import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createOrderly, defineJob, handle, phi } from 'orderly'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { MANIFEST, RUNS } from '../../packages/orderly/src/evidence/bundle.ts'
import {
  encodeForSigning,
  openStatement,
  signStatement,
  STATEMENT_TYPE,
} from '../../packages/orderly/src/evidence/dsse.ts'
import { verifyBundle } from '../../packages/orderly/src/evidence/verify.ts'
import { readZip, writeZip } from '../../packages/orderly/src/evidence/zip.ts'
import { auditKeys } from '../../packages/orderly/src/audit-maintenance.ts'
import {
  bundleOf,
  exportEvidence,
  verifyEvidence,
  type EvidenceBundle,
} from '../../packages/orderly/src/evidence-maintenance.ts'
import { parseVkey, type Signer, type Verifier } from '../../packages/orderly/src/ledger/note.ts'
import { findEntries } from '../../packages/orderly/src/ledger/read.ts'
import { ledgerKey, signerFor } from '../../packages/orderly/src/ledger/seal.ts'
import { roomsOf } from '../../packages/orderly/src/orderly.ts'
import { ROOT } from '../sources.ts'

/** The built program: what people run. */
const MAIN = join(ROOT, 'packages/orderly/dist/cli/main.js')
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const NAME = 'Zyxwelda Quorvantine'
const dose = defineJob({
  name: 'dose.check',
  queue: 'medication',
  input: z.object({ patient: phi.name(), isHigh: z.boolean() }),
  evidence: 'required',
})

let folder: string
let home: string
let bundle: EvidenceBundle
let signer: Signer
let trusted: readonly Verifier[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orderly-bundle-'))
  home = join(folder, 'home')
  const orderly = await createOrderly({
    home,
    log: silent,
    jobs: [dose],
    handlers: [
      handle(dose, async ({ input, evidence }) => {
        evidence.check('the dose is within its range', !input.isHigh)
        evidence.attach('label', { for: input.patient })
      }),
    ],
  })
  await orderly.start()
  for (const isHigh of [false, true, false]) await orderly.enqueue(dose, { patient: NAME, isHigh })
  await orderly.whenIdle()
  const rooms = roomsOf(orderly)
  signer = (await ledgerKey(rooms.ledger.keys)).signer
  trusted = [parseVkey(signer.vkey)!]
  bundle = await bundleOf(rooms, {})
  const [entry] = await findEntries(rooms.ledger.database, { op: 'evidence.export' })
  expect(entry).toMatchObject({ id: bundle.entry, detail: { runs: 3 } })
  await orderly.close()
}, 30_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const faultsOf = (files: ReadonlyMap<string, Buffer>, keys = trusted): string[] =>
  verifyBundle(files, keys).findings.map(({ fault, file }) => `${fault} ${file}`)
const filesOf = (): Map<string, Buffer> => readZip(bundle.archive)

function renamedAtTheEnd(archive: Buffer): Buffer {
  const changed = Buffer.from(archive)
  const at = changed.lastIndexOf(RUNS)
  expect(at).toBeGreaterThan(archive.indexOf(RUNS))
  changed.write('RUNS', at)
  return changed
}

describe('a bundle of evidence', () => {
  it('verifies with the public key alone, and says what it is about', () => {
    const found = verifyBundle(filesOf(), trusted)
    expect(found).toMatchObject({ findings: [], about: { runs: 3, invalid: 1, type: null } })
    expect(found.about!.source.log).toMatch(/^orderly\/ledger\//)
  })

  it('holds nothing of a patient, in any file', () => {
    for (const content of filesOf().values()) expect(content.toString()).not.toContain('Zyx')
    const lines = filesOf().get(RUNS)!.toString().trimEnd().split('\n')
    const statements = lines.map((line) => openStatement(line, trusted))
    expect(JSON.stringify(statements)).not.toContain('Zyx')
    expect(statements[1]).toMatchObject({
      subject: [
        { name: expect.stringMatching(/^runs\//) },
        { name: expect.stringMatching(/attached$/) },
      ],
      predicate: { job: 'dose.check', checks: [{ passed: false }] },
    })
  })

  it('attack 18: names the file that was altered, added or left out', () => {
    const names = [...filesOf().keys()]
    expect(names.length).toBeGreaterThan(4)
    for (const name of names) {
      const altered = filesOf()
      const content = Buffer.from(altered.get(name)!)
      const at = content.length >> 1
      content[at] = content[at]! ^ 1
      const said = name === MANIFEST ? 'signature' : 'altered'
      expect(faultsOf(altered.set(name, content))).toContain(`${said} ${name}`)
      const dropped = filesOf()
      dropped.delete(name)
      expect(faultsOf(dropped)).toContain(`missing ${name}`)
    }
    expect(faultsOf(filesOf().set('audit/more.json', Buffer.from('{}')))).toEqual([
      'added audit/more.json',
    ])
  })

  it('attack 18: is refused as an archive that could be read in two ways', () => {
    const { archive } = bundle
    expect(writeZip(readZip(archive)).equals(archive)).toBe(true)
    for (const changed of [
      Buffer.concat([archive, Buffer.from('x')]),
      archive.subarray(0, -1),
      Buffer.concat([Buffer.from('x'), archive]),
      // The name of a file in the list at the end, which other programs go by.
      renamedAtTheEnd(archive),
      Buffer.alloc(0),
    ])
      expect(() => readZip(changed)).toThrow(/no bundle/)
    expect(() => readZip(writeZip(new Map([['../out', Buffer.from('x')]])))).toThrow(/no bundle/)
  })

  it('is nobody’s word when the keys that came along signed it anew', () => {
    const other = signerFor({ id: 'f'.repeat(32), bytes: Buffer.alloc(32, 7) })
    const files = filesOf()
    const manifest = openStatement(files.get(MANIFEST)!.toString(), trusted) as object
    files.set(MANIFEST, Buffer.from(signStatement(manifest, other)))
    files.set('keys/ledger.vkey', Buffer.from(other.vkey))
    expect(faultsOf(files)).toEqual([`signature ${MANIFEST}`])
  })

  it('does not vouch for runs it was not signed for', () => {
    const files = filesOf()
    const statement = openStatement(files.get(MANIFEST)!.toString(), trusted) as {
      predicate: { runs: number }
    }
    const lie = { ...statement, predicate: { ...statement.predicate, runs: 2 } }
    files.set(MANIFEST, Buffer.from(signStatement(lie, signer)))
    expect(faultsOf(files)).toEqual([`altered ${RUNS}`])
  })
})

describe('a signed statement', () => {
  it('attack 19: is none under another type, though the signature is kept', () => {
    const statement = { _type: 'x', predicate: { isValid: true } }
    const line = signStatement(statement, signer)
    expect(openStatement(line, trusted)).toEqual(statement)
    for (const type of ['application/json', `${STATEMENT_TYPE} `, 'text/plain', ''])
      expect(
        openStatement(JSON.stringify({ ...JSON.parse(line), payloadType: type }), trusted),
      ).toBe(undefined)
  })

  it('is encoded as the vector of the specification is', () => {
    expect(
      encodeForSigning('http://example.com/HelloWorld', Buffer.from('hello world')).toString(),
    ).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
  })

  it('is none with another payload, spelling, signer or form', () => {
    const envelope = JSON.parse(signStatement({ a: 1 }, signer)) as {
      payload: string
      signatures: { keyid: string; sig: string }[]
    }
    const [signature] = envelope.signatures
    for (const other of [
      { payload: Buffer.from('{"a":2}').toString('base64') },
      { payload: `${envelope.payload} ` },
      { signatures: [] },
      { signatures: [{ ...signature, keyid: 'other+00000000' }] },
      { signatures: Array(17).fill(signature) },
      { signatures: [null] },
      { payload: 7 },
    ])
      expect(openStatement(JSON.stringify({ ...envelope, ...other }), trusted)).toBeUndefined()
    for (const text of ['', 'null', '[]', '{']) expect(openStatement(text, trusted)).toBeUndefined()
  })
})

describe('orderly evidence', () => {
  const run = (...args: string[]) => {
    const done = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })
    return { code: done.status, out: done.stdout, err: done.stderr }
  }

  it('takes a period out, and checks it elsewhere: 0 as it was, 3 when something is wrong', async () => {
    const file = join(folder, 'bundle.zip')
    const trust = join(folder, 'keys.txt')
    const exported = run('--home', home, 'evidence', 'export', '--out', file, '--json')
    expect(exported.code, exported.err).toBe(0)
    expect(JSON.parse(exported.out)).toMatchObject({ runs: 3, invalid: 1, out: file })
    writeFileSync(trust, (await auditKeys({ home })).join('\n'))
    // No installation is there any more.
    const nowhere = join(folder, 'nowhere')
    const verify = (path: string) =>
      run('--home', nowhere, 'evidence', 'verify', path, '--trust', trust)
    expect(verify(file)).toMatchObject({ code: 0, out: expect.stringContaining('3 runs') })
    const unpacked = join(folder, 'unpacked')
    for (const [name, content] of readZip(readFileSync(file))) {
      mkdirSync(dirname(join(unpacked, name)), { recursive: true })
      writeFileSync(join(unpacked, name), content)
    }
    expect(verifyEvidence(unpacked, trust).findings).toEqual([])
    writeFileSync(join(unpacked, 'report.html'), 'all is well')
    expect(verify(unpacked)).toMatchObject({
      code: 3,
      out: expect.stringMatching(/altered\s+report\.html/),
    })
  }, 60_000)

  it('is of the period that was asked for, and of none before there was any', async () => {
    const none = await exportEvidence({ home }, { to: Date.parse('2020-01-01') })
    expect(none.about).toMatchObject({
      runs: 0,
      period: { from: null, to: '2020-01-01T00:00:00.000Z' },
    })
    expect(faultsOf(readZip(none.archive))).toEqual([])
    expect((await exportEvidence({ home }, { type: 'dose_check' })).about.runs).toBe(3)
    expect((await exportEvidence({ home }, { type: 'other' })).about.runs).toBe(0)
  })
})
