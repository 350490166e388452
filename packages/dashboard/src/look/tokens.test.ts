import { describe, expect, it } from 'vitest'
import { CHART_COLOURS } from './chart-colours.ts'
import { contrast, GROUNDS, STATE_TOKENS } from './tokens.ts'

describe('the colours of states', () => {
  it.each(Object.entries(STATE_TOKENS))('lets %s be read on both grounds', (_, { light, dark }) => {
    for (const ground of Object.values(GROUNDS.light))
      expect(contrast(light, ground)).toBeGreaterThanOrEqual(4.5)
    for (const ground of Object.values(GROUNDS.dark))
      expect(contrast(dark, ground)).toBeGreaterThanOrEqual(4.5)
  })

  it('gives every state an icon of its own, so that no colour stands alone', () => {
    const icons = Object.values(STATE_TOKENS).map(({ icon }) => icon)
    expect(new Set(icons).size).toBe(icons.length)
  })

  it('draws lines that stand out from both grounds', () => {
    for (const { light, dark } of Object.values(CHART_COLOURS)) {
      expect(contrast(light, GROUNDS.light.surface)).toBeGreaterThanOrEqual(3)
      expect(contrast(dark, GROUNDS.dark.surface)).toBeGreaterThanOrEqual(3)
    }
  })

  it('knows the contrast of black on white', () => {
    expect(contrast('#000000', '#FFFFFF')).toBeCloseTo(21, 5)
  })
})
