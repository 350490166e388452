// Mantine in our colours. Shade 7 is readable on white and shade 3 on the dark ground, which Mantine's own are not.
import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from '@mantine/core'
import { chartVariables } from './chart-colours.ts'
import { stateVariables } from './states.ts'
import { GROUNDS } from './tokens.ts'

const shades = (list: string): MantineColorsTuple =>
  list.split(' ').map((each) => `#${each}`) as unknown as MantineColorsTuple

/** @param close what a button that closes a dialog is called */
export const themeFor = (close: string): MantineThemeOverride =>
  createTheme({
    primaryColor: 'teal',
    primaryShade: { light: 7, dark: 7 },
    fontFamily:
      'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif',
    fontFamilyMonospace:
      'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace',
    fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
    headings: {
      fontWeight: '600',
      sizes: {
        h1: { fontSize: '1.375rem', lineHeight: '1.3' },
        h2: { fontSize: '1rem', lineHeight: '1.4' },
        h3: { fontSize: '0.875rem', lineHeight: '1.4' },
      },
    },
    defaultRadius: 'md',
    radius: { xs: '3px', sm: '4px', md: '6px', lg: '10px', xl: '16px' },
    respectReducedMotion: true,
    cursorType: 'pointer',
    focusRing: 'auto',
    colors: {
      teal: shades('e9f7f6 cdeceb a0dcd9 6fc9c5 43b1ad 1f9693 0c7d7c 00696b 00545a 064048'),
      gray: shades('f8fafb f1f4f6 e4e9ed ccd4db 9aa7b2 6f7d89 55626e 414d58 2c363f 1a2228'),
      dark: shades('dce4ea b9c5cf 94a3b0 5a6977 323d48 28323b 1a2027 0f1419 0b0f13 070a0d'),
      red: shades('fef2f2 fee2e2 fecaca fca5a5 f87171 ef4444 dc2626 b91c1c 991b1b 7f1d1d'),
      yellow: shades('fffbeb fef3c7 fde68a fcd34d fbbf24 f59e0b b45309 92400e 78350f 5c2a0d'),
      green: shades('f0fdf4 dcfce7 bbf7d0 86efac 4ade80 22c55e 16a34a 15803d 166534 14532d'),
      blue: shades('eff6ff dbeafe bfdbfe 93c5fd 60a5fa 3b82f6 2563eb 1d4ed8 1e40af 1e3a8a'),
      violet: shades('faf5ff f3e8ff e9d5ff d8b4fe c084fc a855f7 9333ea 7e22ce 6b21a8 581c87'),
    },
    components: {
      Button: { defaultProps: { size: 'sm' } },
      TextInput: { defaultProps: { size: 'sm' } },
      Tooltip: { defaultProps: { withArrow: true, openDelay: 300, multiline: true, maw: 320 } },
      Modal: { defaultProps: { centered: true, ...dialogProps(close) } },
      Drawer: { defaultProps: dialogProps(close) },
      Table: { defaultProps: { verticalSpacing: 'var(--row-gap)', horizontalSpacing: 'sm' } },
    },
  })

/** The head of a dialog is no banner of the page. */
function dialogProps(close: string): object {
  return {
    overlayProps: { backgroundOpacity: 0.45 },
    closeButtonProps: { 'aria-label': close },
    attributes: { header: { role: 'none' } },
  }
}

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...stateVariables('light'),
    ...chartVariables('light'),
    '--mantine-color-body': GROUNDS.light.ground,
    '--mantine-color-dimmed': '#55626e',
    '--mantine-color-error': '#b91c1c',
    '--mantine-color-placeholder': '#64717d',
    '--mantine-color-text': '#1a2228',
    '--mantine-color-anchor': '#00696b',
    '--surface': GROUNDS.light.surface,
    '--line': '#dfe5e9',
    '--hover': '#eef3f4',
    '--accent': '#00696b',
    '--accent-soft': '#e0f1f0',
    '--shadow': '0 1px 2px rgb(16 24 32 / 6%)',
  },
  dark: {
    ...stateVariables('dark'),
    ...chartVariables('dark'),
    '--mantine-color-body': GROUNDS.dark.ground,
    '--mantine-color-dimmed': '#9dabb8',
    '--mantine-color-error': '#fca5a5',
    '--mantine-color-placeholder': '#8b99a6',
    '--mantine-color-text': '#dce4ea',
    '--mantine-color-anchor': '#6fc9c5',
    '--surface': GROUNDS.dark.surface,
    '--line': '#2b3540',
    '--hover': '#222b33',
    '--accent': '#6fc9c5',
    '--accent-soft': '#12363a',
    '--shadow': 'none',
  },
})
