// Why a backup could not be made, read or put back.

export type BackupCode = 'BACKUP_MISSING' | 'BACKUP_DAMAGED' | 'BACKUP_DIFFERS'

export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly code: BackupCode

  constructor(code: BackupCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
