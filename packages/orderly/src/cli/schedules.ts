// `orderly schedules …`
import { Command } from 'commander'
import { OrderlyError } from '../primitives/errors.ts'
import { systemClock } from '../primitives/clock.ts'
import { parseCron } from '../schedule/cron.ts'
import { nextSlots, wallText, type Slot } from '../schedule/slots.ts'
import { zoneOf } from '../schedule/zone.ts'
import { printResult, table } from './print.ts'
import { addRemoteSchedules } from './remote-schedules.ts'

const MOST_SLOTS = 10_000

interface NextFlags {
  readonly zone: string
  readonly from?: string
  readonly count: string
  readonly json?: boolean
}

export function scheduleCommands(): Command {
  const schedules = new Command('schedules')

  schedules
    .command('next <cron>')
    .description('Show when an expression fires next, and what the clock changes do to it')
    .option('--zone <name>', 'an IANA zone', 'UTC')
    .option('--from <time>', 'after this time (ISO 8601); now unless told')
    .option('--count <number>', 'how many', '10')
    .option('--json', 'as { "slots": ["<ISO UTC>", …] }')
    .action(async (cron: string, _flags, command: Command) => {
      const { zone, from, count, json = false } = command.optsWithGlobals<NextFlags>()
      const slots = nextSlots(parseCron(cron), zoneOf(zone), timeOf(from), countOf(count))
      await printResult({ slots: slots.map(instant) }, json, () => shown(slots, zone))
    })

  addRemoteSchedules(schedules)

  return schedules
}

function timeOf(text: string | undefined): number {
  if (text === undefined) return systemClock.now()
  // A time without an offset would mean another instant on every machine.
  const isExact = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/.test(
    text,
  )
  const time = isExact ? Date.parse(text) : NaN
  if (!Number.isNaN(time)) return time
  throw new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    '--from is a time with its offset, such as 2026-03-08T00:00:00Z, or a date',
  )
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= MOST_SLOTS) return count
  throw new OrderlyError(
    'ORDERLY_SETTING_INVALID',
    `--count is a whole number from 1 to ${MOST_SLOTS}`,
  )
}

function instant({ at }: Slot): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

const REASONS = {
  gap: (time: string): string => `the clocks skip ${time}; it fires at the first time after`,
  overlap: (time: string): string => `the clocks show ${time} twice; it fires at the first`,
}

function shown(slots: readonly Slot[], zone: string): string {
  const local = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  return table(
    ['UTC', zone, ''],
    slots.map((slot) => [
      instant(slot),
      // What the clocks show when it fires, which in a gap is not what was asked for.
      local.format(slot.at),
      slot.shift ? REASONS[slot.shift](wallText(slot).slice(11, 16)) : '',
    ]),
  )
}
