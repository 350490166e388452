import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCell, encodingOfHead, encodingOfPieces } from './encoding.ts'

describe('encodings', () => {
  it('are told by their byte order marks', () => {
    expect(encodingOfHead(Buffer.from('\ufeffa'))).toBe('utf-8-bom')
    expect(encodingOfHead(Buffer.from('\ufeffab', 'utf16le'))).toBe('utf-16le')
    expect(encodingOfHead(Buffer.from('\ufeffab', 'utf16le').swap16())).toBe('utf-16be')
  })

  it('are told without a mark by the zeros of UTF-16', () => {
    const text = Buffer.from('Description,Price\r\nCafé,12.50\r\n', 'utf16le')
    expect(encodingOfHead(text)).toBe('utf-16le')
    expect(encodingOfHead(Buffer.from(text).swap16())).toBe('utf-16be')
    expect(encodingOfHead(Buffer.from('plain text\n'))).toBe(null)
  })

  it('call any UTF-8 text UTF-8, wherever a piece of it begins and ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(12), fc.nat(12), (text, head, tail) => {
        const bytes = Buffer.from(`é${text}é`)
        const piece = bytes.subarray(head % 3, bytes.length - (tail % 3))
        expect(['ascii', 'utf-8']).toContain(encodingOfPieces([piece]))
      }),
    )
  })

  it('call the rest Windows-1252, whose quotes and dashes are characters and not controls', () => {
    const bytes = Buffer.from([0x93, 0x35, 0xb5, 0x67, 0x94, 0x20, 0x96, 0x20, 0x80])
    expect(encodingOfPieces([bytes])).toBe('windows-1252')
    expect(decodeCell(bytes, 'windows-1252')).toBe('“5µg” – €')
  })
})
