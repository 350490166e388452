// The head of a page and the cards below it. A page names the tab, and is what the reader hears when it opens.
import { useEffect, type ReactNode } from 'react'

export interface PageProps {
  readonly title: string
  /** Beside the title: a state, a badge. */
  readonly mark?: ReactNode
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, mark, lead, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Orderly`
  }, [title])
  return (
    <>
      <div className="page-head">
        <h1>{title}</h1>
        {mark}
        {actions ? <div className="end">{actions}</div> : null}
        {lead ? <p>{lead}</p> : null}
      </div>
      <div className="stack">{children}</div>
    </>
  )
}

export interface CardProps {
  readonly title?: ReactNode
  readonly actions?: ReactNode
  /** Tables reach the edges. */
  readonly isFlush?: boolean
  readonly children: ReactNode
  readonly id?: string
}

export function Card({ title, actions, isFlush = false, children, id }: CardProps) {
  return (
    <section className={isFlush ? 'card flush' : 'card'} id={id}>
      {title || actions ? (
        <header>
          {title ? <h2>{title}</h2> : null}
          {actions ? <div className="end">{actions}</div> : null}
        </header>
      ) : null}
      {children}
    </section>
  )
}
