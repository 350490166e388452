// The text of a statement that inserts several rows at once.

/** `insert` with `values` for `rows` rows of `columns` columns and then `conflict`, a `?` for each value. */
export function insertion(insert: string, columns: number, rows: number, conflict: string): string {
  const row = `(${Array.from({ length: columns }, () => '?').join(', ')})`
  return `${insert} values ${Array.from({ length: rows }, () => row).join(', ')} ${conflict}`
}
