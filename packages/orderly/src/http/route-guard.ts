// Keeps every route behind a permission: one that nobody has thought about stops the server from starting.
import type { FastifyInstance } from 'fastify'
import { isPermission } from '../access/permissions.ts'
import { OrderlyError } from '../primitives/errors.ts'
import type { ApiOperation } from './contract.ts'

/** What is for anyone who reaches the server: probes, documents, pages and files without data, the way back of a sign-in. */
const OPEN: readonly RegExp[] = [
  /^\/(health|ready)$/,
  // It asks by itself where others than this machine can reach it.
  /^\/metrics$/,
  /^\/(openapi\.json|docs|docs\.css)$/,
  /^\/api\/v1\/session\/provider\/callback$/,
  // The status page is there on this machine only.
  /^\/(status|status\.css|status\.js|api\/v1\/status)$/,
  /^\/(\*|assets\/[\w.-]+|[\w.-]+\.(svg|png|ico|webmanifest|js|css|txt|woff2))?$/,
]

export interface RouteGuard {
  /** Lets the routes of an operation be added. */
  admit(operation: ApiOperation): void
}

/** @throws OrderlyError `ORDERLY_DEFINITION_INVALID` from whatever adds a route that is neither admitted nor open */
export function guardRoutes(app: FastifyInstance): RouteGuard {
  const admitted = new Set<string>()
  app.addHook('onRoute', ({ method, url }) => {
    const methods = [method].flat()
    const isAdmitted = methods.every((each) => admitted.has(`${each} ${url}`))
    const isRead = methods.every((each) => each === 'GET' || each === 'HEAD')
    if (isAdmitted || (isRead && OPEN.some((pattern) => pattern.test(url)))) return
    throw new OrderlyError(
      'ORDERLY_DEFINITION_INVALID',
      `the route ${methods.join(', ')} ${url} names no permission; make it an operation of the API`,
    )
  })
  return {
    admit({ id, method, path, permission, aliases = [] }) {
      const isKnown =
        permission === 'anyone' || permission === 'signed-in' || isPermission(permission)
      if (!isKnown)
        throw new OrderlyError(
          'ORDERLY_DEFINITION_INVALID',
          `the operation ${id} names a permission that there is not`,
        )
      for (const route of [{ method, path }, ...aliases])
        admitted.add(`${route.method} ${route.path}`)
    },
  }
}
