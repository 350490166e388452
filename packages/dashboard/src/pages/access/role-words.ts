// The roles in the reader's language. A role that is not known here stays as the server says it.
import type { AnswerOf } from '../../api/call.ts'
import type { Say } from '../../app/texts.ts'

type Role = AnswerOf<'roles.list'>['roles'][number]

export const ROLE_TEXTS = {
  viewer: ['Viewer', 'Lector'],
  'viewer summary': ['sees what runs, never PHI', 've lo que corre, nunca PHI'],
  operator: ['Operator', 'Operador'],
  'operator summary': [
    'keeps jobs running: adds, retries, cancels, pauses; sees no PHI',
    'mantiene los trabajos en marcha: añade, reintenta, cancela, pausa; no ve PHI',
  ],
  developer: ['Developer', 'Desarrollador'],
  'developer summary': [
    'adds jobs and drafts workflows and schedules; operates outside production only',
    'añade trabajos y prepara flujos y horarios; opera solo fuera de producción',
  ],
  privacy: ['Privacy', 'Privacidad'],
  'privacy summary': [
    'reveals PHI for a purpose, finds jobs by it, answers for emergencies',
    'descubre PHI con una finalidad, busca trabajos por ella, responde de las urgencias',
  ],
  auditor: ['Auditor', 'Auditor'],
  'auditor summary': [
    'reads and checks the audit log, signs evidence off, reviews emergencies',
    'lee y comprueba la auditoría, firma la evidencia, revisa las urgencias',
  ],
  admin: ['Administrator', 'Administrador'],
  'admin summary': [
    'runs the installation and says who may what; sees no PHI',
    'lleva la instalación y dice quién puede qué; no ve PHI',
  ],
  keyAdmin: ['Key administrator', 'Administrador de claves'],
  'keyAdmin summary': [
    'rotates keys and destroys what is to be forgotten; sees no jobs',
    'rota las claves y destruye lo que se debe olvidar; no ve trabajos',
  ],
  worker: ['Worker', 'Proceso'],
  'worker summary': [
    'a program that works on jobs and reports on them',
    'un programa que hace trabajos e informa de ellos',
  ],
  producer: ['Producer', 'Productor'],
  'producer summary': ['a program that adds jobs', 'un programa que añade trabajos'],
} as const

export function roleWords(
  { id, title, summary }: Pick<Role, 'id' | 'title' | 'summary'>,
  say: Say<typeof ROLE_TEXTS>,
): { readonly title: string; readonly summary: string } {
  const known = (key: string): key is keyof typeof ROLE_TEXTS => key in ROLE_TEXTS
  const summaryKey = `${id} summary`
  return {
    title: known(id) ? say(id) : title,
    summary: known(summaryKey) ? say(summaryKey) : summary,
  }
}
