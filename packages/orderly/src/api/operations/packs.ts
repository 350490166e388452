// What is asked of and answered by packs. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { PackActed, PackPageContent, Packs, Words } from '../schemas/packs.ts'
export interface PacksApi {
  /** The packs of this installation and their pages. */
  'packs.list': { request: {}; response: Packs }
  /** What packs and the program itself say in another language, by the English sentence. */
  'packs.words': {
    request: {
      query: {
        language: 'es'
      }
    }
    response: Words
  }
  /** A page of a pack, with PHI masked. */
  'packs.page': {
    request: {
      params: {
        pack: string
        page: string
      }
      query?: Record<string, string>
    }
    response: PackPageContent
  }
  /** Do by hand what a pack offers. */
  'packs.act': {
    request: {
      params: {
        pack: string
        action: string
      }
      body: {
        input?: Record<string, unknown>
      }
    }
    response: PackActed
  }
  /** A document of a pack that holds no PHI, as pages link to it. */
  'packs.document': {
    request: {
      params: {
        pack: string
        id: string
      }
    }
    response: string
  }
}
