// What the pages of failures say.
export const FAILURE_TEXTS = {
  title: ['Failures', 'Fallos'],
  lead: [
    'What failed for good, one row for each place it was thrown at.',
    'Lo que falló del todo, una fila por cada lugar donde ocurrió.',
  ],
  dead: ['Dead letters', 'Sin solución'],
  deadLead: [
    'Jobs that nobody will try again by themselves. Put them back once the cause is mended.',
    'Trabajos que nadie reintentará solos. Devuélvalos cuando la causa esté resuelta.',
  ],
  none: ['Nothing has failed for good', 'Nada ha fallado del todo'],
  noneText: [
    'Failed attempts that are still tried again are on the list of jobs, state:delayed.',
    'Los intentos fallidos que aún se reintentan están en la lista, state:delayed.',
  ],
  type: ['Type', 'Tipo'],
  queue: ['Queue', 'Cola'],
  error: ['Error', 'Error'],
  place: ['Place', 'Lugar'],
  count: ['Jobs', 'Trabajos'],
  first: ['First', 'Primero'],
  last: ['Last', 'Último'],
  sample: ['Newest job', 'El más nuevo'],
  redrive: ['Put back …', 'Devolver …'],
  redriveTitle: ['Put {n|one job|{n} jobs} back', 'Devolver {n|un trabajo|{n} trabajos}'],
  redriveText: [
    'They go back into {queue} as they were, at the pace you say. What somebody else put back meanwhile is left out.',
    'Vuelven a {queue} como estaban, al ritmo que diga. Se omite lo que otra persona devolvió mientras.',
  ],
  pace: ['Jobs a second', 'Trabajos por segundo'],
  redriveGo: ['Put back', 'Devolver'],
  redriven: [
    '{n|One job is|{n} jobs are} back in the queue; {skipped} left out.',
    '{n|Un trabajo volvió|{n} trabajos volvieron} a la cola; {skipped} omitidos.',
  ],
  total: [
    '{n|one job|{n} jobs} in {groups|one group|{groups} groups}',
    '{n|un trabajo|{n} trabajos} en {groups|un grupo|{groups} grupos}',
  ],
  all: ['Put all back …', 'Devolver todos …'],
} as const
