// The closed list of what may be permitted: every operation names one of these, and roles are made of them.

/** Each permission as `area:verb`, and what it lets its holder do. */
export const PERMISSIONS = {
  'jobs:read': 'see jobs with their PHI masked, their history, logs and why they wait',
  'jobs:enqueue': 'add jobs',
  'jobs:retry': 'run finished jobs again, as they were or with another input',
  'jobs:cancel': 'cancel jobs that wait or run, and promote delayed ones',
  'jobs:delete': 'take jobs out of their queues',
  'jobs:bulk': 'plan and run an action over many jobs',
  'jobs:export': 'take lists of jobs out, masked',
  'queues:read': 'see queues, their counts, limits and pauses',
  'queues:control': 'pause and resume, set limits aside for a time',
  'queues:purge': 'empty a queue',
  'types:read': 'see the kinds of jobs, their schemas and where PHI is in them',
  'schedules:read': 'see schedules and their slots',
  'schedules:write': 'make, change and remove schedules',
  'schedules:run': 'fire a schedule now, or for slots that were missed',
  'workflows:read': 'see workflows and their runs',
  'workflows:write': 'draft workflows',
  'workflows:deploy': 'let a drafted workflow hold',
  'workflows:run': 'start, signal, pause and cancel runs',
  'workflows:approve': 'approve or refuse what a run asks of a person',
  'workers:read': 'see workers',
  'metrics:read': 'see measures and the health of the installation',
  'packs:read': 'see the pages of packs, with PHI masked',
  'packs:act': 'do by hand what packs offer, such as acknowledging a finding',
  'views:write': 'keep views of lists, and share them',
  'alerts:read': 'see rules and alerts',
  'alerts:write': 'make rules, silence and acknowledge alerts',
  'webhooks:read': 'see subscriptions and deliveries',
  'webhooks:write': 'make subscriptions, rotate their secrets, deliver again',
  'events:read': 'see the events of the record, without PHI',
  'events:send': 'give events to workflows that wait for them',
  'notifications:read': 'see notifications of one’s own',
  'settings:read': 'see settings, without secrets',
  'settings:write': 'change settings',
  'phi:reveal': 'see a value unmasked, for a purpose, on record',
  'phi:approve': 'consent to what another person wants to see, on record',
  'phi:search': 'find jobs by the exact value of PHI, on record',
  'phi:export': 'take PHI out, with the consent of a second person',
  'breakglass:use': 'see PHI without the permission in an emergency, on record and reviewed',
  'breakglass:review': 'review an emergency access of somebody else',
  'audit:read': 'see the audit log',
  'audit:verify': 'check the audit log, and take proofs of its entries',
  'audit:export': 'take the audit log out',
  'audit:prune': 'drop the text of audit entries past their time',
  'evidence:read': 'see what runs left as evidence',
  'evidence:signoff': 'sign evidence and reviews off',
  'users:read': 'see users, their roles and sessions',
  'users:write': 'make, change and disable users, end their sessions',
  'roles:read': 'see what each role may do',
  'apikeys:read': 'see API keys, never their secrets',
  'apikeys:write': 'make and revoke API keys',
  'keyring:read': 'see the keys of the installation, never their bytes',
  'keyring:rotate': 'rotate keys and seal anew',
  'subjects:shred': 'destroy the keys of what is to be forgotten',
} as const

export type Permission = keyof typeof PERMISSIONS

/**
 * What an operation may ask for beside a permission: `anyone` needs no sign-in (signing in itself), `signed-in` is for
 * what concerns the asker alone (who am I, my own sessions).
 */
export type OperationPermission = Permission | 'anyone' | 'signed-in'

export function isPermission(value: unknown): value is Permission {
  return typeof value === 'string' && Object.hasOwn(PERMISSIONS, value)
}
