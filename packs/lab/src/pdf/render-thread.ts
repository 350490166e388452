// Renders documents in a thread of its own, one at a time, as they are sent to it.
import { parentPort } from 'node:worker_threads'
import type { LabDocument } from './documents.ts'
import { renderDocument } from './render.ts'

export interface ToRender {
  readonly id: number
  readonly document: LabDocument
}

export interface Rendered {
  readonly id: number
  readonly pdf?: Uint8Array<ArrayBuffer>
  /** Why there is none: what the document holds that no page can, where `isRange`. */
  readonly error?: { readonly message: string; readonly isRange: boolean }
}

parentPort?.on('message', ({ id, document }: ToRender) => void render(id, document))

async function render(id: number, document: LabDocument): Promise<void> {
  try {
    const pdf = Uint8Array.from(await renderDocument(document))
    parentPort?.postMessage({ id, pdf } satisfies Rendered, [pdf.buffer])
  } catch (error) {
    const message = error instanceof Error ? error.message : 'it could not be rendered'
    const isRange = error instanceof RangeError
    parentPort?.postMessage({ id, error: { message, isRange } } satisfies Rendered, [])
  }
}
