// A page of a list of which the caller may see a part: filled with what they see, however much of others lies between.

/** As many rows are looked at for one page; then it ends short, and the next goes on from there. */
const MOST_LOOKED_AT = 5_000
const AT_ONCE = 200

export interface Filled<Row> {
  readonly rows: Row[]
  /** Where to go on; undefined at the end of the list. */
  readonly last: Row | undefined
}

/** @param read rows behind one, in the order of the list; from its beginning without one */
export async function fillPage<Row>(
  limit: number,
  read: (after: Row | undefined, limit: number) => Promise<readonly Row[]>,
  isSeen: (row: Row) => boolean | Promise<boolean>,
): Promise<Filled<Row>> {
  const rows: Row[] = []
  let last: Row | undefined
  let size = limit
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += size, size = AT_ONCE) {
    const page = await read(last, size)
    for (const row of page) {
      last = row
      if (await isSeen(row)) rows.push(row)
      if (rows.length === limit) return { rows, last }
    }
    if (page.length < size) return { rows, last: undefined }
  }
  return { rows, last }
}
