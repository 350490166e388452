// What the operations on packs answer, until the client says it.

export interface PackList {
  readonly data: readonly {
    readonly name: string
    readonly title?: string
    readonly pages: readonly {
      readonly id: string
      readonly title: string
      readonly inRail: boolean
      readonly params?: readonly string[]
    }[]
  }[]
}

export type PageTone = 'neutral' | 'good' | 'warning' | 'bad'

export type PageValue =
  | string
  | number
  | boolean
  | null
  | {
      readonly text: string
      readonly page?: string
      readonly params?: Readonly<Record<string, string>>
      readonly job?: string
    }
  | {
      readonly masked: string
      readonly kind: string
      readonly reveal?: { readonly record: string; readonly field: string }
    }

export type PageBlock =
  | {
      readonly block: 'facts'
      readonly title?: string
      readonly facts: readonly {
        readonly label: string
        readonly value: PageValue
        readonly tone?: PageTone
      }[]
    }
  | {
      readonly block: 'table'
      readonly title: string
      readonly columns: readonly {
        readonly key: string
        readonly label: string
        readonly kind?: 'text' | 'number' | 'money' | 'time' | 'state'
      }[]
      readonly rows: readonly Readonly<Record<string, PageValue>>[]
      readonly empty: string
    }
  | {
      readonly block: 'chart'
      readonly title: string
      readonly kind: 'line' | 'bar' | 'band'
      readonly x: {
        readonly label: string
        readonly kind: 'time' | 'category'
        readonly values: readonly (number | string)[]
      }
      readonly series: readonly {
        readonly label: string
        readonly unit?: string
        readonly values: readonly (number | null)[]
      }[]
    }
  | {
      readonly block: 'document'
      readonly title: string
      readonly contentType: string
      readonly href: string
    }
  | { readonly block: 'note'; readonly tone: PageTone; readonly text: string }

export interface PackPageAnswer {
  readonly title?: string
  readonly blocks: readonly PageBlock[]
}
