// What the pages of the audit log say.
export const AUDIT_TEXTS = {
  title: ['Audit', 'Auditoría'],
  when: ['When', 'Cuándo'],
  who: ['Who', 'Quién'],
  what: ['What', 'Qué'],
  outcome: ['Outcome', 'Resultado'],
  target: ['On', 'Sobre'],
  reason: ['Reason', 'Motivo'],
} as const
