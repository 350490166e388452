// Types of the API's packs. Made from the operations of the API by test/http/client.test.ts; not written by hand.

export interface Packs {
  data: {
    name: string
    pages: PackPage[]
    actions: PackAction[]
  }[]
}
export interface PackPage {
  id: string
  title: string
  /** Whether it stands in the rail; a page with params is reached by links only. */
  inRail: boolean
  params: string[]
}
export interface PackAction {
  id: string
  title: string
  /** The JSON Schema of its input. */
  input: Record<string, unknown>
}
export interface Words {
  data: {
    /** Null for the program itself. */
    pack: string | null
    sentences: Record<string, string>
  }[]
}
export interface PackPageContent {
  page: PackPage
  blocks: PageBlock[]
}
export type PageBlock =
  | {
      block: 'facts'
      title?: string
      facts: {
        label: string
        value:
          | string
          | number
          | boolean
          | null
          | {
              text: string
              tone?: 'neutral' | 'good' | 'warning' | 'bad'
              page?: string
              params?: Record<string, string>
              job?: string
            }
          | {
              masked: string
              kind: string
              reveal?: {
                record: string
                field: string
              }
            }
          | {
              acts: {
                action: string
                given: Record<string, string | number | boolean>
              }[]
            }
        tone?: 'neutral' | 'good' | 'warning' | 'bad'
      }[]
    }
  | {
      block: 'table'
      title: string
      columns: {
        key: string
        label: string
        kind?: 'text' | 'number' | 'money' | 'time' | 'state'
      }[]
      rows: Record<
        string,
        | string
        | number
        | boolean
        | null
        | {
            text: string
            tone?: 'neutral' | 'good' | 'warning' | 'bad'
            page?: string
            params?: Record<string, string>
            job?: string
          }
        | {
            masked: string
            kind: string
            reveal?: {
              record: string
              field: string
            }
          }
        | {
            acts: {
              action: string
              given: Record<string, string | number | boolean>
            }[]
          }
      >[]
      empty: string
    }
  | {
      block: 'chart'
      title: string
      kind: 'line' | 'bar' | 'band'
      stacked?: boolean
      x: {
        label: string
        kind: 'time' | 'category'
        values: (number | string)[]
      }
      series: {
        label: string
        unit?: string
        tone?: 'neutral' | 'good' | 'warning' | 'bad'
        edge?: 'low' | 'high'
        values: (number | null)[]
      }[]
    }
  | {
      block: 'document'
      title: string
      contentType: string
      href: string
    }
  | {
      block: 'note'
      tone: 'neutral' | 'good' | 'warning' | 'bad'
      text: string
    }
  | {
      block: 'search'
      label: string
      filter: string
      value: string
    }
export interface PackActed {
  done: true
}
