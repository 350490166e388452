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
  { anyPhi, hasDataKeys }: { anyPhi: boolean; hasDataKeys: boolean },
  now: number,
  log: Logger,
): KeyProvider {
  const { keyring, keyringFile, production } = settings
  if (keyring !== undefined) {
    const fixed = parseKeyring(keyring, 'ORDERLY_KEYRING')
    return keyringProvider(() => fixed)
  }
  const found = readKeyFile(keyringFile)
  if (!found) {
    if (hasDataKeys) throw lostKeyring(keyringFile)
    if (anyPhi && production)
      throw new OrderlyError(
        'ORDERLY_KEYRING_INVALID',
        `there is no keyring in ${keyringFile}, and jobs here hold PHI; make one with "orderly keys init" and back it up apart from the data`,
      )
    makeKeyring(keyringFile, now)
    log.warn(
      { keyring: keyringFile },
      'made a keyring; before there is PHI in production, run "orderly keys rotate" and back it up',
    )
  } else if (found.automatic && anyPhi && production) {
    throw new OrderlyError(
      'ORDERLY_KEYRING_INVALID',
      `the keyring ${keyringFile} was made automatically, and jobs here hold PHI now; run "orderly keys rotate" and back the keyring up apart from the data`,
    )
  }
  return keyringProvider(() => mustRead(keyringFile))
}

/** The keys of what a database holds are not to be had by making new ones. */
export function lostKeyring(file: string): OrderlyError {
  return new OrderlyError(
    'ORDERLY_KEYRING_INVALID',
    `the keyring ${file} is gone, and the database holds values that it seals; restore it from its backup`,
  )
}

function makeKeyring(file: string, now: number): void {
  try {
    writeKeyFile(file, { ...createKeyring(now), automatic: true }, true)
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
