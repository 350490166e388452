// What an application does with the lab beside its jobs.
import type { MailRow } from './store/tables.ts'
import type { Move, OrderStatus } from './orders/status.ts'
import { receiveNews, type LimsSecrets, type NewsResult, type SignedNews } from './lims/webhook.ts'
import { decideMail, listMails, type DecidedMail } from './mail/outbox.ts'
import { liftSuppression, suppress } from './mail/suppression.ts'
import { findUser, saveCompany, saveUser, type Company, type User } from './store/companies.ts'
import { saveConnection, type Connection } from './store/connections.ts'
import { readFindings } from './store/daily.ts'
import {
  readDocument,
  saveExamination,
  listDocuments,
  type ExaminationFacts,
} from './store/documents.ts'
import {
  createOrder,
  findOrder,
  listOrders,
  type NewOrder,
  type Order,
  type OrderFilter,
} from './store/orders.ts'
import { moveOrder, type StatusChange } from './store/order-moves.ts'
import {
  savePayment,
  savePurchaseOrder,
  saveStock,
  type Payment,
  type PurchaseOrder,
  type Stock,
} from './store/trade.ts'
import type { LabRooms } from './store/rooms.ts'
import type { DocumentRow, FindingRow } from './store/tables.ts'

/** Every function names the company whose data it is about: what is another's is not found. */
export interface Desk {
  saveCompany(company: Company): Promise<void>
  /** @throws RefusedError when the id is a user's of another company */
  saveUser(user: User): Promise<void>
  /** @throws RefusedError when the user is of another company */
  user(companyId: string, userId: string): Promise<User>
  saveConnection(connection: Connection): Promise<void>
  /** All pieces of a company together are its `inventory` of the day. @throws RefusedError for a company that was not saved */
  saveStock(stock: Stock): Promise<void>
  savePayment(payment: Payment): Promise<void>
  savePurchaseOrder(order: PurchaseOrder): Promise<void>
  saveExamination(given: {
    readonly id: string
    readonly companyId: string
    readonly patientId: string
    readonly at: number
    readonly form: ExaminationFacts
  }): Promise<void>
  /** @throws PrescriptionError with what is wrong; RefusedError for lines or a day that are none, or companies not connected */
  createOrder(order: NewOrder): Promise<Order>
  order(companyId: string, orderId: string): Promise<Order | undefined>
  orders(companyId: string, filter?: OrderFilter): Promise<Order[]>
  /** @throws RefusedError when the order is not made by this laboratory */
  moveOrder(labId: string, orderId: string, to: OrderStatus, change?: StatusChange): Promise<Move>
  documents(companyId: string): Promise<DocumentRow[]>
  /** The PDF, opened. Write down who asked. @throws RefusedError */
  document(companyId: string, documentId: string): Promise<Uint8Array>
  /** Mails, newest first; 100 unless told. `unsure`: those alone that a person has to look at. */
  outbox(companyId: string, limit?: number, only?: 'unsure'): Promise<MailRow[]>
  /**
   * What a person says of a mail nobody knows the fate of, or that was refused. To send it, put its job back then:
   * `orderly.redrive({ ids: [jobId] }, { reason })`; where that redrives none the job is gone, and the mail goes with the
   * next one that asks for it. Undefined when there is no such mail to decide about.
   */
  decideMail(
    companyId: string,
    key: string,
    what: 'send' | 'leave',
  ): Promise<DecidedMail | undefined>
  /** Sends no more mail to an address, in any company. */
  suppress(address: string, reason: string): Promise<void>
  /** Sends mail to it again; what was kept back goes when it is asked for again. @returns whether none was sent to it */
  liftSuppression(address: string): Promise<boolean>
  findings<Body>(
    companyId: string,
    kind: FindingRow['kind'],
    subject?: string,
  ): Promise<{ subject: string; body: Body; madeAt: number }[]>
  /** Takes signed news of a laboratory's LIMS, over the bytes as they came. */
  receiveLimsNews(secrets: LimsSecrets, news: SignedNews): Promise<NewsResult>
}

export function openDesk(rooms: LabRooms): Desk {
  return {
    saveCompany: (company) => saveCompany(rooms, company),
    saveUser: (user) => saveUser(rooms, user),
    user: (companyId, userId) => findUser(rooms, userId, [companyId]),
    saveConnection: (connection) => saveConnection(rooms, connection),
    saveStock: (stock) => saveStock(rooms, stock),
    savePayment: (payment) => savePayment(rooms, payment),
    savePurchaseOrder: (order) => savePurchaseOrder(rooms, order),
    saveExamination: (given) => saveExamination(rooms, given),
    createOrder: (order) => createOrder(rooms, order),
    order: (companyId, orderId) => findOrder(rooms, companyId, orderId),
    orders: (companyId, filter) => listOrders(rooms, companyId, filter),
    moveOrder: (labId, orderId, to, change) => moveOrder(rooms, labId, orderId, to, change),
    documents: (companyId) => listDocuments(rooms, companyId),
    document: (companyId, documentId) => readDocument(rooms, companyId, documentId),
    outbox: (companyId, limit, only) => listMails(rooms, companyId, limit, only),
    decideMail: (companyId, key, what) => decideMail(rooms, companyId, key, what),
    suppress: (address, reason) => suppress(rooms, address, reason),
    liftSuppression: (address) => liftSuppression(rooms, address),
    findings: (companyId, kind, subject) => readFindings(rooms, companyId, kind, subject),
    receiveLimsNews: (secrets, news) => receiveNews(rooms, secrets, news),
  }
}
