// Every sentence of the dashboard in English and Spanish. A table of texts lies beside the page that shows it; a text
// that lacks a language does not compile.
import { useMemo } from 'react'
import { usePreferences } from './preferences.ts'

export type Texts = Readonly<Record<string, readonly [en: string, es: string]>>
export type Values = Readonly<Record<string, string | number>>
export type Say<Table extends Texts> = (key: keyof Table & string, values?: Values) => string

/**
 * Says a text in the reader's language. `{name}` is replaced by a value; `{n|one job|{n} jobs}` chooses by number.
 */
export function useTexts<Table extends Texts>(table: Table): Say<Table> {
  const { language } = usePreferences()
  return useMemo(() => (key, values) => say(table[key]!, language, values), [table, language])
}

function say(text: readonly [string, string], language: 'en' | 'es', values: Values = {}): string {
  const found = text[language === 'en' ? 0 : 1]
  return found
    .replace(
      /\{(\w+)\|([^|{}]*)\|((?:[^{}]|\{\w+\})*)\}/g,
      (_, name: string, one: string, many: string) => (Number(values[name]) === 1 ? one : many),
    )
    .replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name]
      return value === undefined
        ? whole
        : typeof value === 'number'
          ? new Intl.NumberFormat(language).format(value)
          : value
    })
}
