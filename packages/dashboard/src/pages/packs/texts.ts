// What the pages of packs say beside their own words.
export const PACK_TEXTS = {
  empty: ['Nothing here yet', 'Aún no hay nada'],
  open: ['Open', 'Abrir'],
  yes: ['yes', 'sí'],
  no: ['no', 'no'],
  good: ['Good', 'Bien'],
  warning: ['Attention', 'Atención'],
  bad: ['Problem', 'Problema'],
} as const
