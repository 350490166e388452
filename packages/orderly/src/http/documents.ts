// Serves what describes the API: the OpenAPI document and the page for people.
import type { FastifyInstance } from 'fastify'
import type { ApiOperation } from './contract.ts'
import { docsPage, DOCS_STYLE } from './docs-page.ts'
import { openApiDocument } from './openapi.ts'

/** @param prefix where the API is mounted, for links */
export function addDocuments(
  app: FastifyInstance,
  operations: readonly ApiOperation[],
  prefix: string,
): void {
  let document: string | undefined
  let page: string | undefined
  app.get('/openapi.json', (_request, reply) => {
    document ??= JSON.stringify({
      ...openApiDocument(operations),
      servers: [{ url: prefix || '/' }],
    })
    return reply.type('application/json; charset=utf-8').send(document)
  })
  app.get('/docs', (_request, reply) => {
    page ??= docsPage(operations, prefix)
    return reply.type('text/html; charset=utf-8').send(page)
  })
  app.get('/docs.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(DOCS_STYLE))
}
