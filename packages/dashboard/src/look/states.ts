// The colours of states as CSS variables, from the one table of tokens.
import { STATE_TOKENS } from './tokens.ts'

/** `--state-failed` and its kin, for each scheme. */
export function stateVariables(scheme: 'light' | 'dark'): Record<string, string> {
  return Object.fromEntries(
    Object.entries(STATE_TOKENS).map(([state, token]) => [`--state-${state}`, token[scheme]]),
  )
}
