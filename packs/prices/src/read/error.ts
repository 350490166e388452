// Owns the ways in which a price file can be refused.

export type PriceFileErrorCode =
  | 'ACCESS_REFUSED'
  | 'ADDRESS_REFUSED'
  | 'CURSOR_INVALID'
  | 'DOWNLOAD_FAILED'
  | 'FILE_CORRUPT'
  | 'FILE_EMPTY'
  | 'FILE_ENCRYPTED'
  | 'FILE_GONE'
  | 'FILE_IS_HTML'
  | 'FILE_UNREADABLE'
  | 'FORMAT_UNKNOWN'
  | 'LIMIT_EXCEEDED'
  | 'NO_PRICE_TABLE'
  | 'NO_PRICES'
  | 'READ_FAILED'
  | 'READER_LOST'
  | 'REDIRECT_REFUSED'
  | 'ROBOTS_REFUSED'
  | 'STOPPED'
  | 'UPDATE_FAILED'

/** The message is one sentence a person can act on; it never quotes the file's content. */
export class PriceFileError extends Error {
  readonly code: PriceFileErrorCode

  constructor(code: PriceFileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PriceFileError'
    this.code = code
  }
}
