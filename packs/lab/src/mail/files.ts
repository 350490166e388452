// What of a mail's documents goes with it, and what is only linked: clinical ones, and what would be too large.
import { RefusedError, type MailAttachment } from 'orderly'
import { readDocument } from '../store/documents.ts'
import type { LabRooms } from '../store/rooms.ts'

export interface MailFiles {
  readonly attachments: readonly MailAttachment[]
  /** Where a signed-in reader finds the others. */
  readonly links: readonly { readonly label: string; readonly href: string }[]
}

/** Many servers take no more in one mail. */
const MOST_ATTACHED_BYTES = 10 * 1024 * 1024

/** @throws RefusedError when the company has no such document */
export async function filesOf(
  rooms: LabRooms,
  companyId: string,
  documentIds: readonly string[],
): Promise<MailFiles> {
  const attachments: MailAttachment[] = []
  const links: { label: string; href: string }[] = []
  let left = MOST_ATTACHED_BYTES
  for (const id of documentIds) {
    const row = await rooms.db.query
      .selectFrom('lab_documents')
      .select(['kind', 'bytes', 'sealed'])
      .where('company_id', '=', companyId)
      .where('document_id', '=', id)
      .executeTakeFirst()
    if (!row) throw new RefusedError('there is no such document of this company')
    // Mail travels and lies about in the clear: what is about a patient is read where the reader has signed in.
    if (row.sealed === 1 || row.bytes > left) {
      const href = `${rooms.baseUrl}/documents/${encodeURIComponent(id)}`
      links.push({ label: `Open the ${row.kind.replaceAll('-', ' ')}`, href })
      continue
    }
    left -= row.bytes
    attachments.push({
      filename: `${row.kind}.pdf`,
      contentType: 'application/pdf',
      content: await readDocument(rooms, companyId, id),
    })
  }
  return { attachments, links }
}
