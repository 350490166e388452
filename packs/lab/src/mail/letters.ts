// The six mails of the pack. Subjects and previews name numbers, companies and states, never a patient.
import type { Company, User } from '../store/companies.ts'
import type { Order } from '../store/orders.ts'
import { formatMoney, totalsOf, type MoneyLine } from '../pdf/money.ts'
import type { MailFiles } from './files.ts'
import type { Letter } from './letter.ts'

export const MAIL_KINDS = [
  'order-confirmation',
  'shipment',
  'purchase-order',
  'marketplace-connection',
  'notification',
  'daily-briefing',
] as const
export type MailKind = (typeof MAIL_KINDS)[number]

interface Addressed {
  readonly user: User
  readonly baseUrl: string
}

const hello = (name: string): string => `Hello ${name},`

export function orderConfirmation({
  user,
  baseUrl,
  order,
  lab,
}: Addressed & { order: Order; lab: Company }): Letter {
  return {
    subject: `Order ${order.number} received`,
    preview: `${lab.name} has your order and begins work on it.`,
    greeting: hello(user.name),
    blocks: [
      { block: 'text', text: `${lab.name} has received your order.` },
      {
        block: 'facts',
        facts: [
          ['Order', order.number],
          ['Ordered', order.orderedOn],
          ...(order.dueOn === null ? [] : [['Due', order.dueOn] as const]),
          ['Total', formatMoney(totalsOf(order.lines).gross, lab.currency)],
        ],
      },
      { block: 'button', label: 'See the order', href: `${baseUrl}/orders/${order.id}` },
    ],
    sender: lab.name,
  }
}

export function shipment({
  user,
  baseUrl,
  order,
  lab,
  tracking,
  carrier,
}: Addressed & { order: Order; lab: Company; tracking: string; carrier: string | null }): Letter {
  return {
    subject: `Order ${order.number} is on its way`,
    preview: `${lab.name} has shipped your order.`,
    greeting: hello(user.name),
    blocks: [
      { block: 'text', text: `${lab.name} has shipped your order.` },
      {
        block: 'facts',
        facts: [
          ['Order', order.number],
          ...(carrier === null ? [] : [['Carrier', carrier] as const]),
          ['Tracking number', tracking],
        ],
      },
      { block: 'button', label: 'See the order', href: `${baseUrl}/orders/${order.id}` },
    ],
    sender: lab.name,
  }
}

export function purchaseOrder({
  number,
  from,
  supplier,
  lines,
}: {
  number: string
  from: Company
  supplier: Company
  lines: readonly MoneyLine[]
}): Letter {
  return {
    subject: `Purchase order ${number} from ${from.name}`,
    preview: `${lines.length} items`,
    greeting: hello(supplier.name),
    blocks: [
      { block: 'text', text: `please deliver to ${[from.name, ...from.address].join(', ')}:` },
      {
        block: 'list',
        items: lines.map(
          ({ description, quantity, unitCents }) =>
            `${quantity} × ${description} at ${formatMoney(unitCents, supplier.currency)}`,
        ),
      },
      { block: 'facts', facts: [['Total', formatMoney(totalsOf(lines).gross, supplier.currency)]] },
    ],
    sender: from.name,
  }
}

export function marketplaceConnection({
  user,
  baseUrl,
  connectionId,
  from,
  state,
}: Addressed & {
  connectionId: string
  from: Company
  state: 'requested' | 'accepted' | 'rejected'
}): Letter {
  const said = {
    requested: ['asks to be connected', 'would like to work with you.'],
    accepted: ['has accepted your connection', 'has accepted: you can order now.'],
    rejected: ['has declined your connection', 'has declined.'],
  } as const
  const [short, long] = said[state]
  return {
    subject: `${from.name} ${short}`,
    preview: `${from.name} ${long}`,
    greeting: hello(user.name),
    blocks: [
      { block: 'text', text: `${from.name} ${long}` },
      {
        block: 'button',
        label: 'See the connection',
        href: `${baseUrl}/marketplace/${connectionId}`,
      },
    ],
    sender: from.name,
    unsubscribe: `${baseUrl}/preferences`,
  }
}

/** Whoever writes it may name a patient: what they call it stands in the mail, not in its subject. */
export function generalNotification({
  name,
  company,
  subject,
  text,
  baseUrl,
  files = { attachments: [], links: [] },
}: {
  name: string
  company: Pick<Company, 'name'>
  subject: string
  text: string
  baseUrl: string
  files?: MailFiles
}): Letter {
  return {
    subject: `${company.name}: a message for you`,
    preview: 'You have a message.',
    greeting: hello(name),
    blocks: [
      { block: 'heading', text: subject.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim() },
      { block: 'text', text },
      ...files.links.map(({ label, href }) => ({ block: 'button' as const, label, href })),
    ],
    sender: new URL(baseUrl).hostname,
    unsubscribe: `${baseUrl}/preferences`,
    attachments: files.attachments,
  }
}

export function dailyBriefing({
  user,
  baseUrl,
  company,
  day,
  text,
}: Addressed & { company: Company; day: string; text: string }): Letter {
  return {
    subject: `${company.name}: ${day}`,
    preview: 'Your daily briefing',
    greeting: hello(user.name),
    blocks: [
      { block: 'text', text },
      { block: 'button', label: 'See the figures', href: `${baseUrl}/briefings/${day}` },
    ],
    sender: company.name,
    unsubscribe: `${baseUrl}/preferences`,
  }
}
