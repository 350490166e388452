// A process that runs jobs full of PHI and says when it may be killed.
import { createOrderly, type OrderlyOptions } from 'orderly'
import { CLINIC, visit, visitInput, WAYS } from './clinic.ts'
import { plant } from './needles.ts'

export const POINTS = ['as jobs come in', 'in the middle of its jobs', 'while one hangs'] as const

const [options = '', point] = process.argv.slice(2)

// The parent imports the points from here and is not to become a child.
if (options !== '' && process.send) {
  const say = (): void => void process.send!('now')
  const orderly = await createOrderly({
    ...(JSON.parse(options) as OrderlyOptions),
    ...CLINIC,
  })
  if (point !== POINTS[0]) await orderly.start()
  for (const how of [...WAYS, 'hang'])
    await orderly.enqueue(visit, visitInput(how, plant), { unique: plant(`key ${how}`) })
  await orderly.enqueue(visit, visitInput('later', plant), { delay: '1h' })
  if (point === POINTS[2])
    while ((await orderly.findJobs({ state: ['completed', 'failed'] })).length < WAYS.length);
  say()
  if (point === POINTS[0])
    for (let n = 0; ; n++) await orderly.enqueue(visit, visitInput(WAYS[n % WAYS.length]!, plant))
}
