// Errors of the API as the dashboard knows them.

export interface Misfit {
  readonly pointer: string
  readonly message: string
}

/** What the server answered instead of what was asked. `status` is 0 where it did not answer at all. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly fix: string | undefined
  readonly misfits: readonly Misfit[]
  readonly requestId: string | undefined

  constructor(status: number, body: Readonly<Record<string, unknown>> = {}) {
    const text = (key: string): string | undefined =>
      typeof body[key] === 'string' ? body[key] : undefined
    super(text('title') ?? `HTTP ${status}`)
    this.name = 'Problem'
    this.status = status
    this.code = text('code') ?? ''
    this.detail = text('detail') ?? ''
    this.fix = text('fix')
    this.requestId = text('instance')
    this.misfits = Array.isArray(body['errors']) ? (body['errors'] as Misfit[]) : []
  }
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, { title: String(error) })
}
