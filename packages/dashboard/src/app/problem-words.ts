// What the server answers instead of what was asked, in the reader's language. Its code and detail stay as it said them.
import type { Problem } from './problem.ts'
import type { Say } from './texts.ts'

export const PROBLEM_TEXTS = {
  0: ['The server does not answer', 'El servidor no responde'],
  400: ['The request cannot be understood', 'No se entiende la petición'],
  401: ['Sign in first', 'Primero inicie sesión'],
  ORDERLY_SIGN_IN_FAILED: ['You are not signed in', 'No ha iniciado sesión'],
  ORDERLY_STEP_UP_NEEDED: ['Sign in once more', 'Vuelva a iniciar sesión'],
  403: ['You may not do that', 'No puede hacer eso'],
  404: ['There is no such thing', 'Eso no existe'],
  409: ['It is not in a state for that', 'Su estado no lo permite'],
  410: ['It is gone for good', 'Ya no existe'],
  412: ['Somebody changed it meanwhile', 'Alguien lo cambió entretanto'],
  413: ['Too large', 'Demasiado grande'],
  422: ['The content does not fit', 'El contenido no encaja'],
  429: ['Too much at once', 'Demasiado a la vez'],
  500: ['A fault of the server', 'Un fallo del servidor'],
  503: ['Not available now', 'No disponible ahora'],
  504: ['It took too long', 'Tardó demasiado'],
} as const

export function titleOf(
  { status, code, message }: Problem,
  say: Say<typeof PROBLEM_TEXTS>,
): string {
  const key = code in PROBLEM_TEXTS ? code : String(status)
  return key in PROBLEM_TEXTS ? say(key as keyof typeof PROBLEM_TEXTS & string) : message
}
