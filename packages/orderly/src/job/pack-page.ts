// A page a pack adds to the dashboard, said as data: the dashboard draws it, so that a pack ships no browser code.

/** A cell of a table, or a fact. A masked value is shown as its mask; it is revealed by the operation of its record. */
export type PageValue = string | number | boolean | null | PageLink | PageMasked | PageActs

/**
 * A value that is good or bad, or leads to another page. `page` is a page of the same pack, `job` a job's id. A tone is
 * shown with a sign of its own, so the text need not repeat it.
 */
export interface PageLink {
  readonly text: string
  readonly tone?: PageTone
  readonly page?: string
  readonly params?: Readonly<Record<string, string>>
  readonly job?: string
}

/**
 * PHI, masked on the server. `reveal` names record and field for the pack's `reveal` (`POST /api/v1/packs/:pack/reveal`);
 * without it nobody may see the value.
 */
export interface PageMasked {
  readonly masked: string
  readonly kind: string
  readonly reveal?: { readonly record: string; readonly field: string }
}

/** Buttons of actions of the pack. `given` is the part of their input that the place says already: it is not asked for. */
export interface PageActs {
  readonly acts: readonly {
    readonly action: string
    readonly given: Readonly<Record<string, string | number | boolean>>
  }[]
}

/** One part of a page. Times are epoch milliseconds in columns and axes of kind `time`. */
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
        /** `text` is as somebody else wrote it, a name or a cell of a file: it is not said in the reader's language. */
        readonly kind?: 'text' | 'number' | 'money' | 'time' | 'state'
      }[]
      readonly rows: readonly Readonly<Record<string, PageValue>>[]
      readonly empty: string
    }
  | {
      readonly block: 'chart'
      readonly title: string
      readonly kind: 'line' | 'bar' | 'band'
      /** Bars of one name stand on each other: they are parts of a whole. Side by side unless told. */
      readonly stacked?: boolean
      readonly x: {
        readonly label: string
        /** Days of the calendar, `YYYY-MM-DD`, are categories: they are the same in every time zone. */
        readonly kind: 'time' | 'category'
        readonly values: readonly (number | string)[]
      }
      readonly series: readonly {
        readonly label: string
        /** `%` has a scale from 0 to 100. */
        readonly unit?: string
        /** Its colour; one of its own unless told. */
        readonly tone?: PageTone
        /** What is between the two edges of a band is shaded. */
        readonly edge?: 'low' | 'high'
        readonly values: readonly (number | null)[]
      }[]
    }
  | {
      readonly block: 'document'
      readonly title: string
      readonly contentType: string
      /** Such as `/api/v1/packs/lab/documents/invoice.7`, which the pack's `document` answers. */
      readonly href: string
    }
  | { readonly block: 'note'; readonly tone: PageTone; readonly text: string }
  /** A field to search in: what is written there is one of the page's `filters`. */
  | {
      readonly block: 'search'
      readonly label: string
      readonly filter: string
      readonly value: string
    }

export type PageTone = 'neutral' | 'good' | 'warning' | 'bad'

/** A page of a pack. `load` must be quick (it is asked on every visit) and must return no PHI in the clear. */
export interface PackPage {
  /** Its place under the pack: `patients`, or `patient` with `params: ['id']`. */
  readonly id: string
  readonly title: string
  /** Shown in the rail; a page with params is reached by links only. */
  readonly inRail: boolean
  readonly params?: readonly string[]
  /** What may be said beside them, and be left out: it narrows what the page shows. */
  readonly filters?: readonly string[]
  load(params: Readonly<Record<string, string>>): Promise<readonly PageBlock[]>
}
