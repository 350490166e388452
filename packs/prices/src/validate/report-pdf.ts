// A quality report on paper.
import { factsOf, type QualityReport } from './report.ts'

const MARGIN = 48
const WIDTH = 612 - 2 * MARGIN

/** The same report gives the same bytes. */
export async function pdfOf(report: QualityReport): Promise<Buffer> {
  const { default: PDFDocument } = await import('pdfkit')
  const made = new Date(report.checkedAt)
  const pdf = new PDFDocument({
    size: 'LETTER',
    margin: MARGIN,
    info: { Title: 'Price file report', CreationDate: made, ModDate: made },
    bufferPages: true,
    lang: 'en-US',
    displayTitle: true,
  })
  const chunks: Buffer[] = []
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve, reject) => {
    pdf.once('end', resolve).once('error', reject)
  })
  pdf.font('Helvetica-Bold').fontSize(18).text('Price file report')
  pdf.moveDown(0.5).fontSize(9.5)
  for (const [label, value] of factsOf(report)) {
    const top = pdf.y
    pdf.font('Helvetica').fillColor('#57606a').text(label, MARGIN, top, { width: 130 })
    const after = pdf.y
    pdf.fillColor('#000').text(printable(value), MARGIN + 140, top, { width: WIDTH - 140 })
    pdf.y = Math.max(after, pdf.y) + 2
  }
  pdf.moveDown().font('Helvetica-Bold').fontSize(13).text('Findings', MARGIN)
  pdf.moveDown(0.3).fontSize(9)
  if (report.findings.length === 0) pdf.font('Helvetica').text('Nothing was found.')
  for (const { rule, severity, title, count, samples } of report.findings) {
    if (pdf.y > 720) pdf.addPage()
    pdf
      .font('Helvetica-Bold')
      .text(`${rule}  `, MARGIN, pdf.y, { continued: true, width: WIDTH })
      .font('Helvetica')
      .text(`${severity}, ${count === 1 ? 'once' : `${count.toLocaleString('en-US')} times`}`)
    pdf.text(title, { width: WIDTH })
    const first = samples.slice(0, 8).map(({ cell }) => printable(cell))
    pdf
      .fillColor('#57606a')
      .text(`first at ${first.join('; ')}`, { width: WIDTH })
      .fillColor('#000')
    pdf.moveDown(0.4)
  }
  const { start, count } = pdf.bufferedPageRange()
  for (let page = start; page < start + count; page++) {
    pdf.switchToPage(page)
    // Below the margin, where pdfkit would begin a new page.
    pdf.page.margins.bottom = 0
    pdf
      .fontSize(8)
      .fillColor('#57606a')
      .text(`page ${page + 1} of ${count}`, MARGIN, 792 - 32, { width: WIDTH, align: 'right' })
  }
  pdf.end()
  await ended
  return Buffer.concat(chunks)
}

/** The fonts of every reader know Western letters; others are shown as a question mark. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e\xa0-\xff]/g, '?')
}
