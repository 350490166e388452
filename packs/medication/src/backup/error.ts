// Why a backup could not be made, read or put back.

export type BackupCode = 'BACKUP_MISSING' | 'BACKUP_KEY' | 'BACKUP_DAMAGED' | 'BACKUP_DIFFERS'

export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly code: BackupCode

  constructor(code: BackupCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export function differs(): BackupError {
  return new BackupError(
    'BACKUP_DIFFERS',
    'What was read back is not what stands in the tables; look at the store of objects and run the backup again.',
  )
}
