// The identity provider as the environment names it.
import type { OidcAlgorithm, OidcSettings } from './access/oidc.ts'
import { isRole, type RoleName } from './access/roles.ts'
import { OrderlyError } from './primitives/errors.ts'

const ALGORITHMS: readonly OidcAlgorithm[] = ['RS256', 'PS256', 'ES256']

/** @throws OrderlyError `ORDERLY_SETTING_INVALID`: half of what is needed must not pass for none */
export function oidcFrom(
  environment: Readonly<Record<string, string | undefined>>,
): OidcSettings | undefined {
  const {
    ORDERLY_OIDC_ISSUER: issuer,
    ORDERLY_OIDC_CLIENT_ID: clientId,
    ORDERLY_OIDC_ROLES: roles,
    ORDERLY_OIDC_ALGORITHM: algorithm,
    ORDERLY_OIDC_MFA: mfa,
  } = environment
  if (!issuer && !clientId) return undefined
  if (!issuer || !clientId || !roles)
    throw invalid(
      'ORDERLY_OIDC_ISSUER, ORDERLY_OIDC_CLIENT_ID and ORDERLY_OIDC_ROLES belong together',
    )
  const known = ALGORITHMS.find((each) => each === algorithm)
  if (algorithm && !known)
    throw invalid(`ORDERLY_OIDC_ALGORITHM is one of ${ALGORITHMS.join(', ')}`)
  return {
    issuer,
    clientId,
    clientSecret: environment['ORDERLY_OIDC_CLIENT_SECRET'] || undefined,
    label: environment['ORDERLY_OIDC_LABEL'] || undefined,
    scopes: environment['ORDERLY_OIDC_SCOPES'] || undefined,
    groupsClaim: environment['ORDERLY_OIDC_GROUPS_CLAIM'] || undefined,
    roles: rolesIn(roles),
    mfa: mfa ? mfa.split(',').map((each) => each.trim()) : undefined,
    requireMfa: environment['ORDERLY_OIDC_REQUIRE_MFA'] === '1',
    algorithm: known,
  }
}

function rolesIn(text: string): Record<string, readonly RoleName[]> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {})
  const isMap =
    entries.length > 0 &&
    !Array.isArray(value) &&
    entries.every(([, roles]) => Array.isArray(roles) && roles.every(isRole))
  if (isMap) return Object.fromEntries(entries) as Record<string, readonly RoleName[]>
  throw invalid(
    'ORDERLY_OIDC_ROLES gives roles to groups, as JSON: {"lab-ops":["operator"],"it":["admin"]}',
  )
}

function invalid(message: string): OrderlyError {
  return new OrderlyError('ORDERLY_SETTING_INVALID', message)
}
