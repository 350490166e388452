// What needs somebody, in the reader's language. The server says it in English; its kind and its numbers are what counts.
import type { AnswerOf } from '../../api/call.ts'
import type { Say } from '../../app/texts.ts'

type Concern = AnswerOf<'overview.get'>['concerns'][number]

export const CONCERN_TEXTS = {
  'store-away': [
    'The queue store is away; jobs run on the embedded one',
    'El almacén de colas no está; los trabajos corren en el incorporado',
  ],
  'no-worker': ['No worker on queue “{about}”', 'Nadie atiende la cola «{about}»'],
  'no-worker detail': [
    '{n|One job waits|{n} jobs wait} there.',
    '{n|Allí espera un trabajo|Allí esperan {n} trabajos}.',
  ],
  backlog: ['Queue “{about}” is behind', 'La cola «{about}» va con retraso'],
  'backlog detail': [
    'A job there has been due for {n|a minute|{n} minutes}.',
    'Un trabajo debía empezar hace {n|un minuto|{n} minutos}.',
  ],
  held: ['Jobs of “{about}” are held', 'Los trabajos de «{about}» están retenidos'],
  'stuck-handler': ['Handlers do not stop', 'Hay manejadores que no paran'],
  'stuck-handler detail': [
    '{n|One goes|{n} go} on although the attempt is over.',
    '{n|Uno sigue|{n} siguen} aunque su intento terminó.',
  ],
  'dead-letters': [
    '{n|One dead letter|{n} dead letters} of “{about}”',
    '{n|Un trabajo sin solución|{n} trabajos sin solución} de «{about}»',
  ],
  'dead-letters detail': ['Failed with {code}.', 'Con el error {code}.'],
  'failing-type': ['“{about}” is failing', '«{about}» está fallando'],
  'failing-type detail': [
    '{n} of the last {m} failed for good.',
    '{n} de los últimos {m} fallaron del todo.',
  ],
  'paused Queue': ['Queue “{about}” is paused', 'La cola «{about}» está en pausa'],
  'paused Every': ['Every “{about}” is paused', 'Todo «{about}» está en pausa'],
  'paused Schedule': ['Schedule “{about}” is paused', 'El horario «{about}» está en pausa'],
  'schedule-missed': ['Schedule “{about}” has not fired', 'El horario «{about}» no se ha lanzado'],
  'schedule-missed detail': [
    'It was due {n|a minute|{n} minutes} ago.',
    'Debía hacerlo hace {n|un minuto|{n} minutos}.',
  ],
} as const

/** Title and detail; a kind that is not known here, and what a person wrote, stay as the server says them. */
export function wordsOf(
  concern: Concern,
  say: Say<typeof CONCERN_TEXTS>,
): { readonly title: string; readonly detail: string } {
  const { kind, about, title, detail } = concern
  // What a name holds is no number of ours.
  const numbers = [...`${title.replaceAll(/"[^"]*"/g, '')} ${detail}`.matchAll(/\d+/g)].map(Number)
  const code = /[A-Z]+(?:_[A-Z]+)+/.exec(detail)?.[0] ?? '–'
  const values = { about, code, n: numbers[0] ?? 0, m: numbers[1] ?? 0 }
  const key = kind === 'paused' ? `paused ${title.split(' ')[0]}` : kind
  const known = (name: string): name is keyof typeof CONCERN_TEXTS => name in CONCERN_TEXTS
  const detailKey = `${kind} detail`
  return {
    title: known(key) ? say(key, values) : title,
    detail: known(detailKey) ? say(detailKey, values) : detail,
  }
}
