// Saved views of the list.
export function Views(_: {
  readonly search: string
  readonly columns: string
  readonly onOpen: (view: { q: string; columns: string }) => void
}) {
  return null
}
