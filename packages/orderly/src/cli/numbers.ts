// Numbers as people type them.
import { InvalidArgumentError } from 'commander'

/** Reads the value of a flag: a whole number within bounds. What it throws, the command line says after the flag's name. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`)
  }
}
