// FHIR R4 Timing, checked against its invariants and typed.
import { isDateText } from '../schedule/date-text.ts'
import {
  isEventCode,
  TIME_UNITS,
  TIMING_CODES,
  type Bounds,
  type DateText,
  type Repeat,
  type TimeUnit,
  type Timing,
} from '../schedule/timing.ts'
import type { IssueList } from './issue.ts'
import { isModified, listAt, numberAt, objectAt, textAt, type Json } from './json.ts'

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const MOST_TIMES = 96

/** The timing, or undefined with an issue when it cannot be trusted; one that is refused must not be followed at all. */
export function readTiming(value: Json, at: string, issues: IssueList): Timing | undefined {
  const given = listAt(value, 'event')
  const events = given.filter(
    (event): event is string => typeof event === 'string' && isDateText(event),
  )
  if (events.length < given.length || events.length > MOST_TIMES) {
    issues.add('date-unreadable', `${at}.event`)
    return undefined
  }
  const repeat = objectAt(value, 'repeat')
  const code = codeOf(value)
  if (value['repeat'] !== undefined && (!repeat || events.length > 0)) {
    issues.add('timing-not-understood', at)
    return undefined
  }
  if (!repeat) {
    if (events.length > 0) return { events }
    const meaning = code === undefined ? undefined : TIMING_CODES[code]
    if (!meaning) {
      issues.add('timing-not-understood', at)
      return undefined
    }
    return { events, repeat: { dayOfWeek: [], timeOfDay: [], when: [], ...meaning } }
  }
  const broken = brokenInvariant(repeat)
  if (broken !== undefined) {
    issues.add('timing-invariant', `${at}.repeat(${broken})`)
    return undefined
  }
  const bounds = readBounds(repeat, `${at}.repeat`, issues)
  if (bounds === 'refused') return { events: [], refused: true }
  return { events, repeat: readRepeat(repeat, bounds, code, `${at}.repeat`, issues) }
}

function codeOf(value: Json): string | undefined {
  const code = objectAt(value, 'code')
  for (const coding of listAt(code, 'coding')) {
    const found = textAt(coding, 'code')?.toUpperCase()
    if (found !== undefined && found in TIMING_CODES) return found
  }
  const text = textAt(code, 'text')?.toUpperCase()
  return text !== undefined && text in TIMING_CODES ? text : undefined
}

/** The first invariant of Timing that does not hold (R4, Timing, constraints tim-1 to tim-10). */
function brokenInvariant(repeat: Json): string | undefined {
  const has = (name: string): boolean => repeat[name] !== undefined
  const when = listAt(repeat, 'when')
  const negative = (name: string): boolean => (numberAt(repeat, name) ?? 0) < 0
  if (has('duration') && !has('durationUnit')) return 'tim-1'
  if (has('period') && !has('periodUnit')) return 'tim-2'
  if (negative('duration')) return 'tim-4'
  if (negative('period')) return 'tim-5'
  if (has('periodMax') && !has('period')) return 'tim-6'
  if (has('durationMax') && !has('duration')) return 'tim-7'
  if (has('countMax') && !has('count')) return 'tim-8'
  if (has('offset') && (when.length === 0 || when.some((code) => /^C[MDV]?$/.test(String(code)))))
    return 'tim-9'
  if (has('timeOfDay') && when.length > 0) return 'tim-10'
  return unreadable(repeat)
}

/** The first field that is no value of its type. */
function unreadable(repeat: Json): string | undefined {
  for (const name of ['period', 'frequency', 'count', 'offset'])
    if (repeat[name] !== undefined && numberAt(repeat, name) === undefined) return name
  for (const name of ['frequency', 'count']) {
    const found = numberAt(repeat, name)
    if (found !== undefined && !(Number.isInteger(found) && found > 0)) return name
  }
  if (repeat['periodUnit'] !== undefined && !isUnit(repeat['periodUnit'])) return 'periodUnit'
  if (listAt(repeat, 'dayOfWeek').some((day) => !WEEKDAYS.includes(String(day)))) return 'dayOfWeek'
  if (listAt(repeat, 'when').some((code) => !isEventCode(String(code)))) return 'when'
  const times = listAt(repeat, 'timeOfDay')
  if (times.length > MOST_TIMES || times.some((time) => minuteOf(time) === undefined))
    return 'timeOfDay'
  return undefined
}

function readRepeat(
  repeat: Json,
  bounds: Bounds | undefined,
  code: string | undefined,
  at: string,
  issues: IssueList,
): Repeat {
  if (repeat['frequencyMax'] !== undefined || repeat['periodMax'] !== undefined)
    issues.add('frequency-range', at)
  const found: Repeat = {
    bounds,
    count: numberAt(repeat, 'count'),
    frequency: numberAt(repeat, 'frequency'),
    period: numberAt(repeat, 'period'),
    periodUnit: repeat['periodUnit'] as TimeUnit | undefined,
    dayOfWeek: listAt(repeat, 'dayOfWeek').map((day) => WEEKDAYS.indexOf(String(day))),
    timeOfDay: listAt(repeat, 'timeOfDay').map((time) => minuteOf(time)!),
    when: listAt(repeat, 'when').map(String),
    offset: numberAt(repeat, 'offset'),
  }
  // A code beside a repeat that says nothing of rhythm fills it in.
  const says = found.period !== undefined || found.when.length > 0 || found.timeOfDay.length > 0
  return code === undefined || says || found.dayOfWeek.length > 0
    ? found
    : { ...found, ...TIMING_CODES[code] }
}

const UCUM = 'http://unitsofmeasure.org'

/** A limit that cannot be read would be none: the dosage is refused then, not followed for ever. */
function readBounds(repeat: Json, at: string, issues: IssueList): Bounds | 'refused' | undefined {
  const refused = (where: string): 'refused' => {
    issues.add('bounds-unreadable', `${at}.${where}`)
    return 'refused'
  }
  const names = ['boundsPeriod', 'boundsRange', 'boundsDuration']
  const [name, second] = names.filter((each) => repeat[each] !== undefined)
  if (name === undefined) return undefined
  const given = objectAt(repeat, name)
  if (!given || second !== undefined || isModified(given)) return refused(name)
  if (name === 'boundsPeriod') {
    const { end, start } = given
    if (!isDateOrNone(start)) return refused(`${name}.start`)
    if (!isDateOrNone(end)) return refused(`${name}.end`)
    return start === undefined && end === undefined ? refused(name) : { kind: 'period', start, end }
  }
  if (name === 'boundsRange') issues.add('bounds-range', `${at}.${name}`)
  const duration = name === 'boundsRange' ? objectAt(given, 'high') : given
  const value = numberAt(duration, 'value')
  const unit = duration?.['code']
  const system = duration?.['system']
  return isUnit(unit) && value !== undefined && value > 0 && (system ?? UCUM) === UCUM
    ? { kind: 'duration', value, unit }
    : refused(name)
}

function isDateOrNone(value: unknown): value is DateText | undefined {
  return value === undefined || (typeof value === 'string' && isDateText(value))
}

function isUnit(value: unknown): value is TimeUnit {
  return (TIME_UNITS as readonly unknown[]).includes(value)
}

function minuteOf(value: unknown): number | undefined {
  const found = /^([01]\d|2[0-3]):([0-5]\d)(:[0-5]\d(\.\d+)?)?$/.exec(String(value))
  return found ? Number(found[1]) * 60 + Number(found[2]) : undefined
}
