// Which searches may hold a value of a patient, and so stay out of addresses and caches.

/** Whether a search names a path of an input, whose value may be a patient's. */
export function namesInput(search: string): boolean {
  return /(^|\s)-?input\./.test(search)
}
