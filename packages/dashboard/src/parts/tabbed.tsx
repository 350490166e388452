// The tabs of a page: those the reader may see, the chosen one in the address.
import { Tabs } from '@mantine/core'
import type { ReactNode } from 'react'
import { useSession } from '../app/session.ts'
import { useUrlState } from '../app/url-state.ts'

export interface Tab<Key extends string> {
  readonly key: Key
  /** Needed to see it; everybody who sees the page does without one. */
  readonly permission?: string
  readonly show: () => ReactNode
}

const DEFAULTS = { tab: '' }

/** The first tab is the one without a word in the address. */
export function Tabbed<Key extends string>({
  tabs: all,
  say,
}: {
  readonly tabs: readonly Tab<Key>[]
  readonly say: (key: Key) => string
}) {
  const { can } = useSession()
  const [url, setUrl] = useUrlState(DEFAULTS)
  const tabs = all.filter(({ permission }) => permission === undefined || can(permission))
  const first = tabs[0]?.key
  const chosen = tabs.find(({ key }) => key === url.tab)?.key ?? first
  return (
    <Tabs
      value={chosen ?? null}
      onChange={(tab) => setUrl({ tab: tab === null || tab === first ? '' : tab })}
      keepMounted={false}
    >
      <Tabs.List mb="md" className="tabs-scroll">
        {tabs.map(({ key }) => (
          <Tabs.Tab key={key} value={key}>
            {say(key)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map(({ key, show }) => (
        <Tabs.Panel key={key} value={key}>
          <div className="stack">{key === chosen ? show() : null}</div>
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
