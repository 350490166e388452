// What may go wrong between a hospital's server and us, played on demand.
import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'

export type Fault =
  /** Promises the whole file and closes after `after` bytes. */
  | { readonly is: 'cut'; readonly after: number; readonly etag?: string }
  /** Promises the whole file and sends `after` bytes of it, then nothing more. */
  | { readonly is: 'drip'; readonly after: number; readonly etag?: string }
  | { readonly is: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly is: 'redirect'; readonly to: string }
  /** A web page, as servers show when a file has moved. */
  | { readonly is: 'page' }
  /** Takes the request and says nothing. */
  | { readonly is: 'silence' }
  /** Sends other bytes under a new ETag, as when the file is replaced while it is fetched. */
  | { readonly is: 'replaced'; readonly body: string }
  /** Answers a range with another one. */
  | { readonly is: 'wrong-range' }
  /** Tells nothing by which a change would show. */
  | { readonly is: 'no-validators' }

interface Setting {
  readonly path: string
  readonly size: number
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly origin: string
}

/** @returns whether the request has been dealt with */
export async function faulty(fault: Fault, setting: Setting): Promise<boolean> {
  const { path, size, request, response } = setting
  switch (fault.is) {
    case 'cut': {
      if (request.method === 'HEAD') return false
      response.writeHead(200, {
        etag: fault.etag ?? '"whole"',
        'content-length': size,
        'content-type': 'application/octet-stream',
      })
      for await (const chunk of createReadStream(path, { end: fault.after - 1 }))
        response.write(chunk)
      // What was written is to arrive before the end does.
      await new Promise((resolve) => response.write('', resolve))
      response.socket?.end()
      return true
    }
    case 'drip': {
      response.writeHead(200, { etag: fault.etag ?? '"slow"', 'content-length': size })
      for await (const chunk of createReadStream(path, { end: fault.after - 1 }))
        response.write(chunk)
      return true
    }
    case 'status':
      response
        .writeHead(fault.status, fault.retryAfter ? { 'retry-after': fault.retryAfter } : {})
        .end()
      return true
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end()
      return true
    case 'page':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><html><body><h1>This page has moved</h1></body></html>')
      return true
    case 'silence':
      return true
    case 'replaced':
      response.writeHead(200, {
        etag: '"replaced"',
        'content-length': Buffer.byteLength(fault.body),
      })
      response.end(request.method === 'HEAD' ? undefined : fault.body)
      return true
    case 'wrong-range':
      if (!request.headers.range) return false
      response.writeHead(206, {
        'content-range': `bytes 0-${size - 1}/${size}`,
        'content-length': size,
      })
      createReadStream(path).pipe(response)
      return true
    case 'no-validators':
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      if (request.method === 'HEAD') response.end()
      else createReadStream(path).pipe(response)
      return true
  }
}
