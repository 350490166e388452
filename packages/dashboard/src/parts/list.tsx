// A plain list as a table: columns as data, and the four states of every list: empty, loading, failed, full.
import type { ReactNode } from 'react'
import type { UseQueryResult } from '@tanstack/react-query'
import { useTexts } from '../app/texts.ts'
import { Failure, Loading } from './blank.tsx'

const TEXTS = { actions: ['Actions', 'Acciones'] } as const

export interface Column<Row> {
  readonly key: string
  readonly label: ReactNode
  readonly isNumber?: boolean
  readonly isClipped?: boolean
  /** Buttons: they stay in view where the rest is wider than the page. */
  readonly isActions?: boolean
  readonly cell: (row: Row) => ReactNode
}

export interface ListProps<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly empty: ReactNode
  /** What may be done with a row: buttons at its end, behind a head that is only read out. */
  readonly actions?: (row: Row) => ReactNode
}

export function List<Row>({ label, columns: told, rows, rowKey, empty, actions }: ListProps<Row>) {
  const say = useTexts(TEXTS)
  if (rows.length === 0) return empty
  const columns: readonly Column<Row>[] = actions
    ? [
        ...told,
        {
          key: 'actions',
          label: <span className="only-read">{say('actions')}</span>,
          isActions: true,
          cell: (row) => <span className="row-actions">{actions(row)}</span>,
        },
      ]
    : told
  return (
    // A region that scrolls must be reachable by keys.
    <section className="table-box" aria-label={label} tabIndex={0}>
      {/* On a phone each row is a card; the roles keep it a table for who hears it. */}
      <table className="list cards" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ key, label: head, ...kind }) => (
              <th key={key} scope="col" role="columnheader" className={classOf(kind)}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row">
              {columns.map(({ key, cell, label: head, ...kind }) => (
                <td
                  key={key}
                  role="cell"
                  className={classOf(kind)}
                  data-label={typeof head === 'string' && head !== '' ? head : undefined}
                >
                  <div className="cell">{cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function classOf({
  isNumber,
  isClipped,
  isActions,
}: Pick<Column<never>, 'isNumber' | 'isClipped' | 'isActions'>): string | undefined {
  if (isActions) return 'end actions'
  return isNumber ? 'end' : isClipped ? 'clip' : undefined
}

/** What a read has come to: what it says while it loads or fails, and the content once it is there. */
export function Answered<Answer>({
  read,
  lines,
  children,
}: {
  readonly read: UseQueryResult<Answer, Error>
  readonly lines?: number
  readonly children: (answer: Answer) => ReactNode
}) {
  if (read.data !== undefined && !(read.error && !read.isPlaceholderData))
    return children(read.data)
  if (read.error) return <Failure error={read.error} onAgain={() => void read.refetch()} />
  return <Loading {...(lines === undefined ? {} : { lines })} />
}
