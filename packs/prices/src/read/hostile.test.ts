import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { fixture, scratch } from '../../fixtures/scratch.ts'
import { zip } from '../../fixtures/zip.ts'
import { type Limits, openPriceFile, type PriceFileErrorCode } from './index.ts'

const made = scratch()
afterAll(() => made.remove())

async function readThrough(
  content: string | Buffer,
  limits: Partial<Limits> = {},
): Promise<number> {
  const file = await openPriceFile(made.write(content), { limits })
  try {
    let rows = 0
    for await (const batch of file.batches()) rows += batch.rowsRead
    return rows
  } finally {
    await file.close()
  }
}

async function expectRefusal(
  content: string | Buffer,
  code: PriceFileErrorCode,
  limits: Partial<Limits> = {},
): Promise<void> {
  await expect(readThrough(content, limits)).rejects.toMatchObject({ name: 'PriceFileError', code })
}

const CSV = Buffer.from('Description,Price\nBED,100.00\nCHAIR,20.00\n')

describe('a file that is no price file', () => {
  it('is refused when it is empty, or only blanks or zeros', async () => {
    await expectRefusal('', 'FILE_EMPTY')
    await expectRefusal(' \r\n\r\n  ', 'FILE_EMPTY')
    await expectRefusal(Buffer.alloc(5000), 'FILE_EMPTY')
  })

  it('is refused when it is a web page (87)', async () => {
    await expectRefusal('<!DOCTYPE html><html><body>Not found</body></html>', 'FILE_IS_HTML')
    await expectRefusal('\ufeff\n  <html lang="en">', 'FILE_IS_HTML')
    await expectRefusal('<?xml version="1.0"?><!DOCTYPE html><html></html>', 'FILE_IS_HTML')
    await expectRefusal(
      '<?xml version="1.0"?>\n<!-- a\n b --><!-- c --><html></html>',
      'FILE_IS_HTML',
    )
  })

  it('is refused by what it is, when that is known', async () => {
    await expectRefusal('%PDF-1.7 ...', 'FORMAT_UNKNOWN')
    await expectRefusal(Buffer.from([0x1f, 0x8b, 8, 0, 0]), 'FORMAT_UNKNOWN')
    await expectRefusal(Buffer.from('abc\0\0\0\0\x01\x02\0\0\0\0\0\0\0'), 'FILE_CORRUPT')
  })

  it('is refused when no table in it has prices', async () => {
    await expectRefusal('Dear reader,\nthere are no prices here, sorry.\n', 'NO_PRICE_TABLE')
    await expectRefusal('name,age\nJane,7\nJohn,8\n', 'NO_PRICE_TABLE')
    await expectRefusal('{"a":1}', 'NO_PRICE_TABLE')
    await expectRefusal('<list><entry><a>x</a></entry></list>', 'NO_PRICE_TABLE')
  })

  it('is refused when all its rows are run into one line', async () => {
    const line =
      'Description,Price ' + Array.from({ length: 9000 }, (_, n) => `ITEM ${n},${n}.00`).join(' ')
    await expectRefusal(line, 'NO_PRICE_TABLE')
    await expectRefusal(line.repeat(3), 'LIMIT_EXCEEDED')
    await expectRefusal(line.replaceAll(',', ' ').repeat(200), 'LIMIT_EXCEEDED', {
      maxLineBytes: 1 << 20,
    })
  })

  it('is refused when it is larger than allowed, or not there', async () => {
    await expectRefusal(CSV, 'LIMIT_EXCEEDED', { maxFileBytes: 10 })
    await expect(openPriceFile('/nowhere/at/all')).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    })
  })
})

describe('JSON that breaks off or breaks its form', () => {
  const json = readFileSync(fixture('cms/v3_json_format_example.json'))

  it('is refused with the place', async () => {
    await expectRefusal(json.subarray(0, 9000), 'FILE_CORRUPT')
    await expectRefusal(json.subarray(0, 300), 'FILE_CORRUPT')
    await expectRefusal('{"standard_charge_information": }', 'FILE_CORRUPT')
    await expectRefusal('{"standard_charge_information": [}', 'FILE_CORRUPT')
  })

  it('costs only the item when the braces still match', async () => {
    const text =
      '{"hospital_name":"H","standard_charge_information":[{"description":},{"description":"BED","standard_charges":[{"gross_charge":5}]}]}'
    const file = await openPriceFile(made.write(text))
    for await (const batch of file.batches()) {
      expect(batch.rejected).toEqual([
        {
          lineage: { sheet: null, row: 1, byte: text.indexOf('{"description":}') },
          code: 'ITEM_UNREADABLE',
          reason: 'The item is not a JSON object that can be read.',
        },
      ])
      expect(batch.rows.map((row) => row.lineage.row)).toEqual([2])
    }
    await file.close()
  })

  it('is refused when one value does not end', async () => {
    await expectRefusal(
      `{"standard_charge_information":[{"description":"${'x'.repeat(3_000_000)}`,
      'LIMIT_EXCEEDED',
      {
        maxLineBytes: 1 << 20,
      },
    )
  })
})

describe('XML that breaks its form', () => {
  it('is refused', async () => {
    const xml = readFileSync(fixture('real/adventhealth-manchester_2019.xml'))
    await expectRefusal(xml.subarray(0, 50_000), 'FILE_CORRUPT')
    await expectRefusal('<?xml version="1.0"?><a><b></a>', 'FILE_CORRUPT')
    await expectRefusal('<a>'.repeat(100), 'LIMIT_EXCEEDED')
    await expectRefusal(`<a><b><c>${'x'.repeat(3_000_000)}`, 'LIMIT_EXCEEDED', {
      maxLineBytes: 1 << 20,
    })
    await expectRefusal(`<a><b><c>${'x'.repeat(3_000_000)}</c></b></a>`, 'LIMIT_EXCEEDED')
    await expectRefusal(
      `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a><b>&x;</b></a>`,
      'FILE_CORRUPT',
    )
  })
})

describe('an archive', () => {
  it('is read past the junk that systems leave in it', async () => {
    const archive = zip([
      { name: '__MACOSX/._prices.csv', content: Buffer.from('junk') },
      { name: 'a folder/', content: Buffer.alloc(0) },
      { name: 'a folder/my prices.csv', content: CSV },
      { name: '.DS_Store', content: Buffer.from('junk') },
    ])
    const file = await openPriceFile(made.write(archive))
    expect(file.format).toBe('zip:csv')
    for await (const batch of file.batches()) {
      expect(batch.rowsRead).toBe(2)
      expect(batch.rows[0]?.lineage).toEqual({ sheet: null, row: 2, byte: 18 })
    }
    await file.close()
  })

  it('with several files is read file by file, whatever path their names make up, and its readme is listed (86)', async () => {
    const archive = zip([
      { name: 'one.csv', content: CSV },
      { name: 'readme.pdf', content: Buffer.from('%PDF-1.7') },
      { name: '../../two.json', content: readFileSync(fixture('cms/v3_json_format_example.json')) },
    ])
    const file = await openPriceFile(made.write(archive))
    expect(file.format).toBe('zip:csv+cms-json 3.0.0')
    expect(file.skipped.map((skipped) => skipped.name)).toEqual(['readme.pdf'])
    const sheets: (string | null)[] = []
    const cursors: unknown[] = []
    for await (const batch of file.batches()) {
      sheets.push(batch.rows[0]?.lineage.sheet ?? null)
      cursors.push(batch.cursor)
    }
    expect(sheets).toEqual(['one.csv', '../../two.json'])
    expect(cursors).toMatchObject([
      { part: 0, row: 3 },
      { part: 1, row: 22 },
    ])
    await file.close()
  })

  it('is refused when it is cut short, locked, nested or empty', async () => {
    const archive = zip([{ name: 'a.csv', content: CSV }])
    await expectRefusal(archive.subarray(0, archive.length - 30), 'FILE_CORRUPT')
    await expectRefusal(
      readFileSync(fixture('real/bwh_2018_xlsx-in.zip')).subarray(0, 100_000),
      'FILE_CORRUPT',
    )
    await expectRefusal(zip([{ name: 'a.csv', content: CSV, encrypted: true }]), 'FILE_ENCRYPTED')
    await expectRefusal(zip([{ name: 'in.zip', content: archive }]), 'FORMAT_UNKNOWN')
    await expectRefusal(zip([{ name: '__MACOSX/x', content: CSV }]), 'FILE_EMPTY')
    await expectRefusal(zip([]), 'FILE_EMPTY')
  })

  it('is not unpacked beyond its limits (86)', async () => {
    const bomb = zip([{ name: 'a.csv', content: Buffer.alloc(40_000_000, 'x') }])
    await expectRefusal(bomb, 'LIMIT_EXCEEDED')
    await expectRefusal(zip([{ name: 'a.csv', content: CSV }]), 'LIMIT_EXCEEDED', {
      maxInflatedBytes: 20,
    })
    const many = Array.from({ length: 30 }, (_, n) => ({ name: `${n}.csv`, content: CSV }))
    await expectRefusal(zip(many), 'LIMIT_EXCEEDED', { maxZipEntries: 20 })
  })

  it('that lies about the size of an entry is corrupt', async () => {
    const archive = zip([{ name: 'a.csv', content: CSV }])
    const central = archive.indexOf('PK\x01\x02')
    archive.writeUInt32LE(5, central + 24)
    await expectRefusal(archive, 'FILE_CORRUPT')
  })
})

describe('a workbook', () => {
  it('is refused when it is encrypted, damaged or too large', async () => {
    const { CFB, read, utils, write } = await import('@e965/xlsx')
    const locked = CFB.utils.cfb_new()
    CFB.utils.cfb_add(locked, '/EncryptedPackage', Buffer.alloc(5000, 7))
    CFB.utils.cfb_add(locked, '/EncryptionInfo', Buffer.alloc(200, 7))
    await expectRefusal(
      Buffer.from(CFB.write(locked, { type: 'buffer' }) as Buffer),
      'FILE_ENCRYPTED',
    )

    const document = CFB.utils.cfb_new()
    CFB.utils.cfb_add(document, '/WordDocument', Buffer.alloc(5000, 7))
    await expectRefusal(
      Buffer.from(CFB.write(document, { type: 'buffer' }) as Buffer),
      'FORMAT_UNKNOWN',
    )

    // A BIFF8 workbook with a password begins its stream with a FILEPASS record (0x2f).
    const xls = read('Description,Price\nBED,1', { type: 'string' })
    const plain = CFB.read(write(xls, { type: 'buffer', bookType: 'biff8' }) as Buffer, {
      type: 'buffer',
    })
    const stream = Buffer.from(CFB.find(plain, '/Workbook')?.content as Uint8Array)
    const afterBof = 4 + stream.readUInt16LE(2)
    const filePass = Buffer.concat([
      Buffer.from([0x2f, 0, 54, 0, 1, 0, 1, 0, 1, 0]),
      Buffer.alloc(48, 9),
    ])
    const guarded = CFB.utils.cfb_new()
    CFB.utils.cfb_add(
      guarded,
      '/Workbook',
      Buffer.concat([stream.subarray(0, afterBof), filePass, stream.subarray(afterBof)]),
    )
    await expectRefusal(
      Buffer.from(CFB.write(guarded, { type: 'buffer' }) as Buffer),
      'FILE_ENCRYPTED',
    )

    const xlsx = readFileSync(fixture('real/henry-ford-allegiance_2018.xlsx'))
    await expectRefusal(xlsx.subarray(0, 200_000), 'FILE_CORRUPT')
    await expectRefusal(xlsx, 'LIMIT_EXCEEDED', { maxWorkbookTextBytes: 1000 })
    await expectRefusal(xlsx, 'LIMIT_EXCEEDED', { maxInflatedBytes: 1000 })
    const sheet = utils.aoa_to_sheet([['Description', 'Price'], ...Array.from({ length: 99 }, (_, at) => [`ITEM ${at}`, at])]) // prettier-ignore
    const xlsb = write(utils.book_new(sheet), { type: 'buffer', bookType: 'xlsb' }) as Buffer
    await expectRefusal(xlsb, 'LIMIT_EXCEEDED', { maxWorkbookBytes: 1000 })
    await expectRefusal(xlsb, 'LIMIT_EXCEEDED', { maxWorkbookInflatedBytes: 1000 })
    const biff = readFileSync(fixture('real/oshpd_106190958_metro-state_2018.xls'))
    await expectRefusal(biff, 'LIMIT_EXCEEDED', { maxWorkbookBytes: 1000 })
    await expectRefusal(biff.subarray(0, 600), 'FILE_CORRUPT')
  })

  it('of any random damage is refused or read, never more', async () => {
    const original = readFileSync(fixture('real/oshpd_106190958_metro-state_2018.xls'))
    for (let seed = 1; seed <= 20; seed++) {
      const bytes = Buffer.from(original)
      for (let hit = 0; hit < 40; hit++)
        bytes[(seed * 7919 + hit * 104_729) % bytes.length] = (seed * hit) & 255
      try {
        await readThrough(bytes)
      } catch (error) {
        expect(error).toMatchObject({ name: 'PriceFileError' })
      }
    }
  })
})
