// The colours of lines in charts, readable on both grounds.

export const CHART_COLOURS = {
  teal: { light: '#0c7d7c', dark: '#43b1ad' },
  blue: { light: '#1D4ED8', dark: '#93C5FD' },
  green: { light: '#15803D', dark: '#86EFAC' },
  red: { light: '#B91C1C', dark: '#FCA5A5' },
  amber: { light: '#92400E', dark: '#FCD34D' },
  violet: { light: '#7E22CE', dark: '#D8B4FE' },
  slate: { light: '#475569', dark: '#94A3B8' },
} as const

export type ChartColour = keyof typeof CHART_COLOURS

/** `--chart-teal` and its kin, for each scheme. */
export function chartVariables(scheme: 'light' | 'dark'): Record<string, string> {
  return Object.fromEntries(
    Object.entries(CHART_COLOURS).map(([name, colour]) => [`--chart-${name}`, colour[scheme]]),
  )
}
