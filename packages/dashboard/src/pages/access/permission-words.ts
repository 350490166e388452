// What each permission lets its holder do, in the reader's language.
import type { Say } from '../../app/texts.ts'

export const PERMISSION_TEXTS = {
  'jobs:read': [
    'see jobs with their PHI masked, their history, logs and why they wait',
    'ver los trabajos con su PHI enmascarada, su historia, sus registros y por qué esperan',
  ],
  'jobs:enqueue': ['add jobs', 'añadir trabajos'],
  'jobs:retry': [
    'run finished jobs again, as they were or with another input',
    'repetir trabajos terminados, como eran o con otra entrada',
  ],
  'jobs:cancel': [
    'cancel jobs that wait or run, and promote delayed ones',
    'cancelar trabajos que esperan o corren, y adelantar los aplazados',
  ],
  'jobs:delete': ['take jobs out of their queues', 'quitar trabajos de sus colas'],
  'jobs:bulk': [
    'plan and run an action over many jobs',
    'planear y hacer una acción sobre muchos trabajos',
  ],
  'jobs:export': ['take lists of jobs out, masked', 'sacar listas de trabajos, enmascaradas'],
  'queues:read': [
    'see queues, their counts, limits and pauses',
    'ver colas, sus recuentos, límites y pausas',
  ],
  'queues:control': [
    'pause and resume, set limits aside for a time',
    'poner y quitar pausas, apartar límites por un tiempo',
  ],
  'queues:purge': ['empty a queue', 'vaciar una cola'],
  'types:read': [
    'see the kinds of jobs, their schemas and where PHI is in them',
    'ver los tipos de trabajo, sus esquemas y dónde hay PHI en ellos',
  ],
  'schedules:read': ['see schedules and their slots', 'ver horarios y sus turnos'],
  'schedules:write': ['make, change and remove schedules', 'crear, cambiar y quitar horarios'],
  'schedules:run': [
    'fire a schedule now, or for slots that were missed',
    'lanzar un horario ahora, o por turnos perdidos',
  ],
  'workflows:read': ['see workflows and their runs', 'ver flujos y sus ejecuciones'],
  'workflows:write': ['draft workflows', 'hacer borradores de flujos'],
  'workflows:deploy': ['let a drafted workflow hold', 'poner en vigor el borrador de un flujo'],
  'workflows:run': [
    'start, signal, pause and cancel runs',
    'empezar, avisar, pausar y cancelar ejecuciones',
  ],
  'workflows:approve': [
    'approve or refuse what a run asks of a person',
    'aprobar o rechazar lo que una ejecución pide a una persona',
  ],
  'workers:read': ['see workers', 'ver los procesos'],
  'metrics:read': [
    'see measures and the health of the installation',
    'ver medidas y la salud de la instalación',
  ],
  'packs:read': [
    'see the pages of packs, with PHI masked',
    'ver las páginas de los paquetes, con la PHI enmascarada',
  ],
  'packs:act': [
    'do by hand what packs offer, such as acknowledging a finding',
    'hacer a mano lo que ofrecen los paquetes, como dar por visto un hallazgo',
  ],
  'views:write': ['keep views of lists, and share them', 'guardar vistas de listas y compartirlas'],
  'alerts:read': ['see rules and alerts', 'ver reglas y alertas'],
  'alerts:write': [
    'make rules, silence and acknowledge alerts',
    'crear reglas, silenciar alertas y hacerse cargo de ellas',
  ],
  'webhooks:read': ['see subscriptions and deliveries', 'ver suscripciones y entregas'],
  'webhooks:write': [
    'make subscriptions, rotate their secrets, deliver again',
    'crear suscripciones, rotar sus secretos, entregar de nuevo',
  ],
  'events:read': [
    'see the events of the record, without PHI',
    'ver los sucesos de la historia, sin PHI',
  ],
  'events:send': [
    'give events to workflows that wait for them',
    'dar sucesos a los flujos que los esperan',
  ],
  'notifications:read': ['see notifications of one’s own', 'ver los avisos propios'],
  'settings:read': ['see settings, without secrets', 'ver los ajustes, sin secretos'],
  'settings:write': ['change settings', 'cambiar ajustes'],
  'phi:reveal': [
    'see a value unmasked, for a purpose, on record',
    'ver un valor sin máscara, con una finalidad, anotado',
  ],
  'phi:approve': [
    'consent to what another person wants to see, on record',
    'consentir en lo que otra persona quiere ver, anotado',
  ],
  'phi:search': [
    'find jobs by the exact value of PHI, on record',
    'encontrar trabajos por el valor exacto de PHI, anotado',
  ],
  'phi:export': [
    'take PHI out, with the consent of a second person',
    'sacar PHI, con el consentimiento de otra persona',
  ],
  'breakglass:use': [
    'see PHI without the permission in an emergency, on record and reviewed',
    'ver PHI sin el permiso en una emergencia, anotado y revisado',
  ],
  'breakglass:review': [
    'review an emergency access of somebody else',
    'revisar el acceso de emergencia de otra persona',
  ],
  'audit:read': ['see the audit log', 'ver el registro de auditoría'],
  'audit:verify': [
    'check the audit log, and take proofs of its entries',
    'comprobar el registro de auditoría y sacar pruebas de sus entradas',
  ],
  'audit:export': ['take the audit log out', 'sacar el registro de auditoría'],
  'audit:prune': [
    'drop the text of audit entries past their time',
    'quitar el texto de entradas de auditoría cuyo plazo venció',
  ],
  'evidence:read': [
    'see what runs left as evidence',
    'ver las pruebas que dejaron las ejecuciones',
  ],
  'evidence:signoff': ['sign evidence and reviews off', 'firmar pruebas y revisiones'],
  'users:read': ['see users, their roles and sessions', 'ver usuarios, sus funciones y sesiones'],
  'users:write': [
    'make, change and disable users, end their sessions',
    'crear, cambiar y desactivar usuarios, terminar sus sesiones',
  ],
  'roles:read': ['see what each role may do', 'ver qué puede cada función'],
  'apikeys:read': ['see API keys, never their secrets', 'ver claves de API, nunca sus secretos'],
  'apikeys:write': ['make and revoke API keys', 'crear y revocar claves de API'],
  'keyring:read': [
    'see the keys of the installation, never their bytes',
    'ver las claves de la instalación, nunca sus bytes',
  ],
  'keyring:rotate': ['rotate keys and seal anew', 'rotar claves y volver a sellar'],
  'subjects:shred': [
    'destroy the keys of what is to be forgotten',
    'destruir las claves de lo que se debe olvidar',
  ],
} as const

/** A permission that is not known here stays as the server says it. */
export function permissionWords(
  { id, summary }: { readonly id: string; readonly summary: string },
  say: Say<typeof PERMISSION_TEXTS>,
): string {
  return id in PERMISSION_TEXTS ? say(id as keyof typeof PERMISSION_TEXTS) : summary
}
