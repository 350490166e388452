// Finds the keyring of an instance: in the environment, in its file, or, where nothing is at stake yet, made on the spot.
import type { Logger } from './job/logger.ts'
import { OrderlyError } from './primitives/errors.ts'
import { readKeyFile, writeKeyFile } from './vault/key-file.ts'
import { keyringProvider, type KeyProvider } from './vault/key-provider.ts'
import { createKeyring, parseKeyring, type Keyring } from './vault/keyring.ts'
import type { Settings } from './settings.ts'

/**
 * A provider of keys from the environment or the keyring's file, read anew when keys are asked for.
 *
 * @param anyPhi whether a definition holds PHI: then a production program without a keyring does not start
 * @throws OrderlyError `ORDERLY_KEYRING_INVALID`, `ORDERLY_KEY_UNAVAILABLE`
 */
export function openKeyring(
  settings: Settings,
  anyPhi: boolean,
  now: number,
  log: Logger,
): KeyProvider {
  const { keyring, keyringFile } = settings
  if (keyring !== undefined) {
    const fixed = parseKeyring(keyring, 'ORDERLY_KEYRING')
    return keyringProvider(() => fixed)
  }
  if (!readKeyFile(keyringFile)) {
    if (anyPhi && settings.production)
      throw new OrderlyError(
        'ORDERLY_KEYRING_INVALID',
        `there is no keyring in ${keyringFile}, and jobs here hold PHI; make one with "orderly keys init" and back it up apart from the data`,
      )
    makeKeyring(keyringFile, now)
    if (anyPhi)
      log.warn(
        { keyring: keyringFile },
        'made a keyring for development; in production make it with "orderly keys init" and back it up',
      )
  }
  return keyringProvider(() => mustRead(keyringFile))
}

function makeKeyring(file: string, now: number): void {
  try {
    writeKeyFile(file, createKeyring(now), true)
  } catch (error) {
    // Another process that starts at the same moment may have been faster.
    if (!readKeyFile(file)) throw error
  }
}

function mustRead(file: string): Keyring {
  const keyring = readKeyFile(file)
  if (keyring) return keyring
  throw new OrderlyError(
    'ORDERLY_KEY_UNAVAILABLE',
    `the keyring ${file} is gone; put it back from its backup, and work goes on`,
  )
}
