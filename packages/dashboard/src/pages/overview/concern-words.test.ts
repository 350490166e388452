import { describe, expect, it } from 'vitest'
import { CONCERN_TEXTS, wordsOf } from './concern-words.ts'

const say = (key: keyof typeof CONCERN_TEXTS, values: object = {}): string =>
  `${key} ${JSON.stringify(values)}`

describe('what needs somebody', () => {
  it('is said by its kind with its numbers, whatever numbers a name holds', () => {
    const words = wordsOf(
      {
        kind: 'failing-type',
        severity: 'bad',
        title: '"price 7" is failing',
        detail: '9 of the last 12 failed for good.',
        about: 'price 7',
      },
      say,
    )
    expect(words.detail).toContain('"n":9,"m":12')
    expect(words.title).toContain('"about":"price 7"')
  })

  it('stays as the server says it where its kind is not known', () => {
    const concern = {
      kind: 'new-kind',
      severity: 'bad',
      about: '',
      title: 'T',
      detail: 'D',
    } as const
    expect(wordsOf(concern, say)).toEqual({ title: 'T', detail: 'D' })
  })
})
