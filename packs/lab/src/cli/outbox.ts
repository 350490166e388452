// `orderly lab outbox` and `orderly lab mail`: which mails there are, and what a person says of one nobody knows the fate of.
import { createOrderly, type Orderly, type PackCommand, type PackCommandContext } from 'orderly'
import { lab, type LabPack } from '../pack.ts'
import type { LabTables } from '../store/tables.ts'

const JSON_OPTION = { '--json': 'print JSON' } as const
const QUIET = { debug() {}, info() {}, warn() {}, error() {} }

export const outboxCommands: readonly PackCommand[] = [
  {
    name: 'outbox',
    description: 'the mails of a company, newest first; exit 3 when some are unsure',
    args: ['<company>'],
    options: { '--unsure': 'only those nobody knows the fate of', ...JSON_OPTION },
    run: ({ args: [company = ''], home, options, print, say }) =>
      withLab(home, async ({ orderly, pack }) => {
        const desk = pack.desk()
        if (!(await isCompany(orderly, company))) {
          say('There is no company with this id.')
          return 1
        }
        const unsure = await desk.outbox(company, 500, 'unsure')
        const mails = (options['unsure'] === true ? unsure : await desk.outbox(company, 500)).map(
          ({ at, kind, mail_key: key, reason, state }) => ({
            key,
            kind,
            state,
            reason,
            at: new Date(at).toISOString(),
          }),
        )
        if (options['json'] === true) print(JSON.stringify({ mails }))
        else if (mails.length === 0) print('There are no such mails of this company.')
        else
          for (const { at, key, kind, reason, state } of mails)
            print(`${at}  ${key}  ${state}  ${kind}${reason === null ? '' : `: ${reason}`}`)
        return unsure.length > 0 ? 3 : 0
      }),
  },
  {
    name: 'mail',
    description: 'sends a mail that is unsure or was refused once more, or leaves it',
    args: ['<company>', '<key>', '<send|leave>'],
    async run({ args: [company = '', key = '', what = ''], home, print, say }) {
      if (what !== 'send' && what !== 'leave') {
        say('Say "send" or "leave".')
        return 2
      }
      return withLab(home, async ({ orderly, pack }) => {
        const decided = await pack.desk().decideMail(company, key, what)
        if (!decided) {
          say('This company has no such mail to decide about; see "orderly lab outbox".')
          return 1
        }
        if (what === 'leave') {
          print('It is left.')
          return 0
        }
        const { redriven } = await orderly.redrive(
          { ids: [decided.jobId] },
          { reason: 'a person looked whether the mail had arrived', by: 'orderly lab mail' },
        )
        if (redriven === 0) {
          say('Its job is gone, so nothing sends it by itself: ask for the same mail once more.')
          return 1
        }
        print('It is sent by the next worker.')
        return 0
      })
    },
  },
  {
    name: 'suppress',
    description: 'sends no more mail to an address, or sends mail to it again',
    args: ['<address>'],
    options: { '--lift': 'send mail to it again', '--reason <why>': 'why it gets no more mail' },
    async run({ args: [address = ''], home, options, print, say }) {
      const isLifted = options['lift'] === true
      const reason = options['reason']
      if (!isLifted && (typeof reason !== 'string' || reason === '')) {
        say('Say why with --reason, or --lift.')
        return 2
      }
      if (!/[^\s@]@[^\s@]/.test(address)) {
        say('This is no address of mail.')
        return 2
      }
      return withLab(home, async ({ pack }) => {
        const desk = pack.desk()
        if (!isLifted) {
          await desk.suppress(address, String(reason))
          print('It gets no more mail.')
          return 0
        }
        if (await desk.liftSuppression(address)) {
          print('It gets mail again; what was kept back goes when it is asked for once more.')
          return 0
        }
        say('This address is not suppressed.')
        return 1
      })
    },
  },
]

/** An id that is misspelt would look as if all was well. */
async function isCompany({ database }: Orderly, id: string): Promise<boolean> {
  const row = await database
    .withTables<LabTables>()
    .query.selectFrom('lab_companies')
    .select('company_id')
    .where('company_id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}

async function withLab(
  home: PackCommandContext['home'],
  work: (open: { readonly orderly: Orderly; readonly pack: LabPack }) => Promise<number>,
): Promise<number> {
  const pack = lab()
  await using orderly = await createOrderly({
    packs: [pack],
    log: QUIET,
    ...(home === undefined ? {} : { home }),
  })
  return await work({ orderly, pack })
}
