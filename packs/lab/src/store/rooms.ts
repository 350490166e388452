// What the parts of the pack work with: its tables, the clock, files, seals, mail and notices.
import type {
  Clock,
  Database,
  DatabaseTransaction,
  Logger,
  Mailer,
  Notifications,
  ObjectStore,
  PackVault,
} from 'orderly'
import type { ModelClient } from '../ai/client.ts'
import type { LimsPort } from '../lims/port.ts'
import type { RenderDocument } from '../pdf/renderer.ts'
import type { LabTables } from './tables.ts'

export interface LabRooms {
  readonly db: Database<LabTables>
  readonly clock: Clock
  readonly objects: ObjectStore
  readonly log: Logger
  readonly vault: PackVault
  readonly notifications: Notifications
  readonly mailer: Mailer | undefined
  readonly render: RenderDocument
  readonly lims: LimsPort | undefined
  readonly model: ModelClient | undefined
  /** Where the application is reached, for links in mails: `https://lab.example`. */
  readonly baseUrl: string
  /** Send again what may have arrived, under the same Message-ID; else a person decides. */
  readonly resendUnsure: boolean
  /** Mails to one domain in a minute; as many as the queue lets through unless told. */
  readonly mailsPerDomain: number | undefined
  /** IANA zone of the days of orders and figures. */
  readonly zone: string
}

export type Tx = DatabaseTransaction<LabTables>

/** A query of the database or of a transaction on it. */
export type Query = LabRooms['db']['query'] | Tx['query']
