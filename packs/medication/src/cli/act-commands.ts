// What people do by hand, from a terminal: each command is an action of the pack.
import type { PackCommandContext } from 'orderly'
import { command, show } from './command.ts'
import { withMedication } from './with-medication.ts'

const BY = { '--by <name>': 'who does it, for the record' } as const

interface Act {
  readonly name: string
  readonly about: string
  readonly args: readonly string[]
  readonly options?: Readonly<Record<string, string>>
  /** Numbers, and what is JSON, come as text. */
  readonly input: (context: PackCommandContext) => Readonly<Record<string, unknown>>
}

const text = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

const ORDER = { '--order <order>': 'of this order only' } as const

const ofDose = ({ args: [patient, due], options }: PackCommandContext) => ({
  patient,
  due,
  order: text(options['order']),
  dosage: options['dosage'] === undefined ? undefined : Number(options['dosage']),
})
const DOSE = ['<patient>', '<due>'] as const
const DOSAGE = {
  ...ORDER,
  '--dosage <n>': 'with an order: the place of the dosage in it, from 0; for a dose not due yet',
} as const

const ACTS: readonly (Act & { readonly action: string })[] = [
  {
    name: 'acknowledge',
    action: 'acknowledge',
    about: 'let a finding stand, and say why',
    args: ['<finding>'],
    options: { '--reason <text>': 'why it may stand' },
    input: ({ args, options }) => ({ finding: args[0], reason: text(options['reason']) }),
  },
  {
    name: 'taken',
    action: 'taken',
    about: 'note that the doses of a patient that were due at a time were taken',
    args: DOSE,
    options: { ...DOSAGE, '--at <time>': 'when it was taken; now unless told' },
    input: (context) => ({ ...ofDose(context), at: text(context.options['at']) }),
  },
  {
    name: 'skipped',
    action: 'skipped',
    about: 'note that they were not taken, and why',
    args: DOSE,
    options: { ...DOSAGE, '--reason <text>': 'why' },
    input: (context) => ({ ...ofDose(context), reason: text(context.options['reason']) }),
  },
  {
    name: 'snooze',
    action: 'snooze',
    about: 'remind of them again later',
    args: DOSE,
    options: { ...DOSAGE, '--minutes <n>': 'after so many minutes, 5 to 240; 15 unless told' },
    input: (context) => ({
      ...ofDose(context),
      ...(context.options['minutes'] === undefined
        ? {}
        : { minutes: Number(context.options['minutes']) }),
    }),
  },
  {
    name: 'hold',
    action: 'hold',
    about: 'rest an order',
    args: ['<patient>', '<order>'],
    options: { '--until <time>': 'until then; until it is resumed unless told' },
    input: ({ args: [patient, order], options }) => ({
      patient,
      order,
      until: text(options['until']),
    }),
  },
  {
    name: 'resume',
    action: 'resume',
    about: 'end the rest of an order',
    args: ['<patient>', '<order>'],
    input: ({ args: [patient, order] }) => ({ patient, order }),
  },
  {
    name: 'count',
    action: 'count',
    about: 'note what is left of a medicine, in tablets, millilitres or actuations',
    args: ['<patient>', '<order>', '<left>'],
    input: ({ args: [patient, order, left] }) => ({ patient, order, counted: Number(left) }),
  },
  {
    name: 'as-needed',
    action: 'as-needed',
    about: 'note that a dose was taken as needed, unless it is too soon or the most is reached',
    args: ['<patient>', '<order>'],
    options: {
      '--dosage <n>':
        'the place of the dosage in the order, from 0; the first as needed unless told',
    },
    input: ({ args: [patient, order], options }) => ({
      patient,
      order,
      dosage: options['dosage'] === undefined ? undefined : Number(options['dosage']),
    }),
  },
  {
    name: 'preferences',
    action: 'preferences',
    about: 'say how a patient wants to be reminded; what is not named stays',
    args: ['<patient>', '<json>'],
    input: ({ args: [patient, json] }) => ({ ...parsed(json!), patient }),
  },
]

function parsed(json: string): object {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // The text may hold PHI: it is not quoted.
  }
  throw new Error('the preferences are one JSON object, such as {"grace":30}')
}

export const actCommands = ACTS.map(({ about, action, args, input, name, options }) =>
  command(name, about, { args, options: { ...options, ...BY } }, (context) =>
    withMedication(context.home, async (pack) => {
      const by = text(context.options['by']) ?? 'command line'
      const done = await pack.act(action, input(context), by)
      show(context, { done }, [done ? 'done' : 'there is nothing here to do that to'])
      return done ? 0 : 1
    }),
  ),
)
