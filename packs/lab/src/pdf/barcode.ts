// Draws a Code 128 barcode as bars, sharp at any size.
import bwip from 'bwip-js'
import type PdfKit from 'pdfkit'

const QUIET_MODULES = 10
const LONGEST = 40

/** @throws RangeError for a text that no Code 128 of a handy width holds */
export function drawBars(
  doc: InstanceType<typeof PdfKit>,
  text: string,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): void {
  const widths = barWidths(text)
  const modules = widths.reduce((sum, wide) => sum + wide, 0) + 2 * QUIET_MODULES
  const unit = box.width / modules
  let x = box.x + QUIET_MODULES * unit
  widths.forEach((wide, at) => {
    if (at % 2 === 0) doc.rect(x, box.y, wide * unit, box.height)
    x += wide * unit
  })
  doc.fillColor('black').fill()
}

/** Widths of bars and the spaces between them, in turn, in modules. */
function barWidths(text: string): number[] {
  if (!/^[\u0020-\u007e]+$/.test(text) || text.length > LONGEST)
    throw new RangeError(`a barcode holds 1 to ${LONGEST} characters of plain ASCII`)
  const [code] = bwip.raw({ bcid: 'code128', text }) as { sbs: number[] }[]
  return [...code!.sbs]
}
