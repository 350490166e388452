// The commands `orderly prices …`.
import type { PackCommand } from 'orderly'
import { compareCommand } from './compare.ts'
import { exportCommand } from './export.ts'
import { loadCommand, scanCommand } from './load.ts'
import { validateCommand } from './validate.ts'

export const commands: readonly PackCommand[] = [
  scanCommand,
  loadCommand,
  validateCommand,
  compareCommand,
  exportCommand,
]
