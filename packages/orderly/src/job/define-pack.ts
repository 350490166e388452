// A pack: jobs, handlers, queues, tables and status panels that belong together and are added in one line.
import { namesOf, refuseUnknown } from '../primitives/known-names.ts'
import type { JobDefinition } from './define-job.ts'
import type { QueueDefinition } from './define-queue.ts'
import type { Handler } from './handler.ts'
import type { PackAction } from './pack-action.ts'
import type { PackPage } from './pack-page.ts'

/** A table a pack shows on the status page. */
export interface Panel {
  readonly title: string
  readonly columns: readonly string[]
  /** The rows to show now, newest first, cells in the order of `columns`. */
  rows(): Promise<readonly (readonly (string | number | null)[])[]>
}

/** A path that adds one kind of job: `POST` it with the job's input, or with nothing where that will do. */
export interface Trigger {
  /** Below `/jobs/`, such as `/jobs/pra/scan`. */
  readonly path: string
  readonly job: JobDefinition
  /** Bytes of the body, where the input may be larger than what others send (1 MiB). 16 MiB at most. */
  readonly mostBytes?: number
  /** Makes the job's input of the body, which fits the job: puts aside what is too large for a job. */
  readonly prepare?: (body: unknown) => Promise<unknown>
}

/**
 * What pages say, in other languages than English: by the English sentence, in which `{0}`, `{1}` stand for what is put
 * in. Parts of a list of words (`late, by mail`) are found by themselves.
 */
export interface Words {
  /** Spanish. */
  readonly es: Readonly<Record<string, string>>
}

/** A pack before it is opened. `Rooms` is what it is given when it is. */
export interface Pack<Rooms = unknown> {
  readonly name: string
  readonly jobs: readonly JobDefinition[]
  readonly queues: readonly QueueDefinition[]
  /** Workflow documents, as `defineWorkflow` makes them; checked when an instance opens. */
  readonly workflows?: readonly object[]
  /** Templates of workflows; checked when an instance opens. */
  readonly templates?: readonly object[]
  /** Its words in other languages. */
  readonly words?: Words
  /** Paths of its own that add jobs, beside the API's. */
  readonly triggers?: readonly Trigger[]
  /**
   * The steps of its tables, which `open` runs under the pack's name. Given here, tables that a newer pack made are refused
   * before any tables are changed, those of the house and of other packs among them.
   */
  readonly migrations?: readonly { readonly name: string }[]
  /** Called once with the open rooms of the instance (database, clock): prepares tables and yields the handlers. */
  readonly open: (rooms: Rooms) => Promise<OpenPack>
}

/** A file a pack shows, opened. */
export interface PackDocument {
  readonly contentType: string
  readonly body: Uint8Array
}

export interface OpenPack {
  readonly handlers: readonly Handler[]
  readonly panels?: readonly Panel[]
  /** Pages the dashboard shows under the pack's name. */
  readonly pages?: readonly PackPage[]
  /** What people may do in it by hand, with the permission `packs:act`. */
  readonly actions?: readonly PackAction[]
  /**
   * Opens what a page shows masked, by the `reveal` of its value. Asked once the ledger says who sees it and why. A
   * document is given as such; `undefined` when there is no such record or field.
   */
  readonly reveal?: (record: string, field: string) => Promise<unknown>
  /** A document without PHI, for links of pages; `undefined` when there is none, or it holds PHI. */
  readonly document?: (id: string) => Promise<PackDocument | undefined>
}

const PACK = namesOf<Pack>({
  name: true,
  jobs: true,
  queues: true,
  workflows: true,
  templates: true,
  words: true,
  triggers: true,
  migrations: true,
  open: true,
})

/** Declares a pack. @throws OrderlyError `ORDERLY_DEFINITION_INVALID` */
export function definePack<Rooms>(pack: Pack<Rooms>): Pack<Rooms> {
  refuseUnknown('a pack', pack ?? null, PACK, 'ORDERLY_DEFINITION_INVALID')
  return Object.freeze({ ...pack })
}
