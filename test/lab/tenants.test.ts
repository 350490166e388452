// Every query of the lab pack names a company, or stands here with the reason why it need not.
import { describe, expect, it } from 'vitest'
import { readSources } from '../sources.ts'

const BY_KEY = 'by a key that was found, or made, for a company just before'

/** Queries that name no company: file, table, and why. */
const NEED_NOT: readonly (readonly [file: string, table: string, why: string])[] = [
  ['handlers/email.ts', 'lab_purchase_orders', 'by the order and the supplier it is to'],
  ['handlers/scheduled.ts', 'lab_mails', 'drops what is old, of all companies'],
  ['lims/webhook.ts', 'lab_lims_news', 'by the digest of signed bytes'],
  ['mail/send.ts', 'lab_mails', BY_KEY],
  ['store/order-moves.ts', 'lab_orders', BY_KEY],
  ['handlers/notification.ts', 'lab_connections', 'says which companies its reader may be of'],
  ['handlers/scheduled.ts', 'lab_companies', 'asks for the briefing of each'],
  ['lims/turns.ts', 'lab_orders', 'asks about the orders of every laboratory'],
  ['store/orders.ts', 'lab_orders', 'says which companies an order is of'],
]
/** The dashboard's pages are for the operators of all companies, behind a permission of its own. */
const OPERATORS = 'pages/'

/** Tables of nobody in particular: addresses as digests, and domains. */
const SHARED: ReadonlySet<string> = new Set(['lab_suppressions', 'lab_mail_domains'])

interface Found {
  readonly file: string
  readonly table: string
  readonly text: string
}

const QUERY = /\.(?:selectFrom|updateTable|deleteFrom)\('(lab_\w+)/g
const END = /\.execute\w*\(|\n}\n|;\n/

const PACK = 'packs/lab/src/'
const queries: readonly Found[] = readSources('packs')
  .filter(({ path }) => path.startsWith(PACK) && !path.endsWith('.test.ts'))
  .flatMap(({ path, text }) =>
    [...text.matchAll(QUERY)].map((match): Found => {
      const rest = text.slice(match.index)
      const end = END.exec(rest)
      const query = rest.slice(0, end ? end.index : undefined)
      return { file: path.slice(PACK.length), table: match[1]!, text: query }
    }),
  )

const namesCompany = ({ text }: Found): boolean =>
  /(where|eb)\(\s*'[\w.]*(company|lab|target)_id'/.test(text)
const needNot = ({ file, table }: Found): boolean =>
  SHARED.has(table) ||
  file.startsWith(OPERATORS) ||
  NEED_NOT.some(([known, of]) => known === file && of === table)

describe('the queries of the lab pack', () => {
  it('are found', () => {
    expect(queries.length).toBeGreaterThan(50)
  })
  it('name a company, each of them', () => {
    const nameless = queries.filter((query) => !namesCompany(query) && !needNot(query))
    expect(nameless).toEqual([])
  })
  it('are excused for nothing that is not there any more', () => {
    const idle = NEED_NOT.filter(
      ([file, table]) =>
        !queries.some(
          (query) => query.file === file && query.table === table && !namesCompany(query),
        ),
    )
    expect(idle).toEqual([])
  })
})
