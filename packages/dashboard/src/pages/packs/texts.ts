// What the pages of packs say beside their own words.
export const PACK_TEXTS = {
  empty: ['Nothing here yet', 'Aún no hay nada'],
  open: ['Open', 'Abrir'],
  openDocument: ['Open {name}', 'Abrir {name}'],
  seen: [
    'That you see it is on the audit log. It closes in {time}, and when you leave this tab.',
    'Que lo ve queda en la auditoría. Se cierra en {time}, y al dejar esta pestaña.',
  ],
  noViewer: [
    'This browser shows no PDF within a page.',
    'Este navegador no muestra PDF dentro de una página.',
  ],
  done: ['Done', 'Hecho'],
  confirm: ['Confirm', 'Confirmar'],
  kept: [
    'Who did it and when goes to the audit log.',
    'Quién lo hizo y cuándo queda en la auditoría.',
  ],
  clear: ['Show all', 'Mostrar todo'],
  close: ['Close', 'Cerrar'],
  yes: ['yes', 'sí'],
  no: ['no', 'no'],
  good: ['Good', 'Bien'],
  warning: ['Attention', 'Atención'],
  bad: ['Problem', 'Problema'],
} as const
