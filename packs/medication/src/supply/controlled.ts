// The schedule of the U.S. Controlled Substances Act an ingredient stands in (21 CFR 1308.12 to 1308.15), and what it asks.

export type Schedule = 'II' | 'III' | 'IV' | 'V'

const SCHEDULES: Readonly<Record<Schedule, readonly string[]>> = {
  II: [
    'oxycodone',
    'hydrocodone',
    'hydromorphone',
    'oxymorphone',
    'morphine',
    'codeine',
    'fentanyl',
    'methadone',
    'meperidine',
    'tapentadol',
    'amphetamine',
    'dextroamphetamine',
    'methamphetamine',
    'lisdexamfetamine',
    'methylphenidate',
    'dexmethylphenidate',
    'cocaine',
  ],
  III: ['buprenorphine', 'ketamine', 'testosterone', 'benzphetamine', 'phendimetrazine'],
  IV: [
    'alprazolam',
    'clonazepam',
    'diazepam',
    'lorazepam',
    'midazolam',
    'temazepam',
    'triazolam',
    'chlordiazepoxide',
    'zolpidem',
    'carisoprodol',
    'tramadol',
    'phentermine',
    'diethylpropion',
    'phenobarbital',
    'modafinil',
  ],
  V: ['pregabalin'],
}

/** The strictest schedule of the ingredients. Combinations that stand in a lower one are treated as the ingredient. */
export function scheduleOf(ingredients: readonly string[]): Schedule | undefined {
  return (['II', 'III', 'IV', 'V'] as const).find((schedule) =>
    ingredients.some((name) => SCHEDULES[schedule].includes(name)),
  )
}
