// The rail: every page one may see, in sections, and one section for each pack.
import type { JobState } from 'orderly/api'
import { Tooltip } from '@mantine/core'
import { Link, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { AnswerOf } from '../api/call.ts'
import { useRead } from '../api/use.ts'
import { IconFlask, IconMicroscope, IconPill, IconReceipt, type IconBox } from '../look/icons.ts'
import { totalOf, useNews } from './live-jobs.ts'
import { NAVIGATION_TEXTS, SECTIONS, SETTINGS, type NavigationItem } from './navigation.ts'
import { usePackWords } from './pack-words.ts'
import { useSession } from './session.ts'
import { useTexts } from './texts.ts'

export interface RailProps {
  readonly isNarrow: boolean
  readonly onGo: () => void
}

const PACK_ICONS: Readonly<Record<string, typeof IconBox>> = {
  medication: IconPill,
  prices: IconReceipt,
  lab: IconMicroscope,
}

export function Rail({ isNarrow, onGo }: RailProps) {
  const say = useTexts(NAVIGATION_TEXTS)
  const { can } = useSession()
  const packs = useRead('packs.list', {}, { enabled: can('packs:read') })
  const bad = useBadCounts()
  const visible = (items: readonly NavigationItem[]): readonly NavigationItem[] =>
    items.filter(({ permission }) => can(permission))
  const place = useRef<HTMLElement>(null)
  const path = useLocation({ select: ({ pathname }) => pathname })
  // With packs the rail is longer than many a screen: the page one is on stays in view.
  useEffect(() => {
    // What it gives back is no cleaner: newer browsers give a promise.
    place.current?.querySelector('[data-status="active"]')?.scrollIntoView({ block: 'nearest' })
  }, [path, packs.data])
  return (
    <nav className="rail" ref={place} aria-label={say('rail')} data-narrow={isNarrow || undefined}>
      {SECTIONS.map(({ text, items }) =>
        visible(items).length === 0 ? null : (
          <div key={text}>
            {text ? <h2>{say(text)}</h2> : null}
            <ul>
              {visible(items).map((item) => (
                <RailLink
                  key={item.to}
                  item={item}
                  label={say(item.text)}
                  count={bad[item.to]}
                  {...{ isNarrow, onGo }}
                />
              ))}
            </ul>
          </div>
        ),
      )}
      {packs.data?.data.map((pack) => (
        <PackLinks key={pack.name} pack={pack} {...{ isNarrow, onGo }} />
      ))}
      <ul style={{ marginTop: 'auto', paddingTop: '0.8rem' }}>
        <RailLink item={SETTINGS} label={say('settings')} {...{ isNarrow, onGo }} />
      </ul>
    </nav>
  )
}

function PackLinks({
  pack: { name, pages },
  isNarrow,
  onGo,
}: RailProps & { readonly pack: AnswerOf<'packs.list'>['data'][number] }) {
  const tell = usePackWords(name)
  const inRail = pages.filter((page) => page.inRail)
  if (inRail.length === 0) return null
  return (
    <div>
      <h2>{tell(name)}</h2>
      <ul>
        {inRail.map((page) => (
          <RailLink
            key={page.id}
            item={{
              to: `/packs/${name}/${page.id}`,
              text: 'overview',
              icon: PACK_ICONS[name] ?? IconFlask,
              permission: 'packs:read',
            }}
            label={tell(page.title)}
            {...{ isNarrow, onGo }}
          />
        ))}
      </ul>
    </div>
  )
}

interface RailLinkProps extends RailProps {
  readonly item: NavigationItem
  readonly label: string
  readonly count?: { readonly n: number; readonly tone?: 'bad' } | undefined
}

function RailLink({ item, label, count, isNarrow, onGo }: RailLinkProps) {
  const Icon = item.icon
  return (
    <li>
      <Tooltip label={label} position="right" disabled={!isNarrow}>
        <Link
          to={item.to}
          activeOptions={{ exact: item.to === '/', includeSearch: false }}
          onClick={onGo}
        >
          <Icon size={18} stroke={1.7} aria-hidden />
          <span>{label}</span>
          {count && count.n > 0 && !isNarrow ? (
            <span className="count" data-tone={count.tone}>
              {count.n > 999 ? '999+' : count.n}
            </span>
          ) : null}
        </Link>
      </Tooltip>
    </li>
  )
}

/** Live badges: what needs somebody. */
function useBadCounts(): Readonly<Record<string, { n: number; tone?: 'bad' }>> {
  const { can } = useSession()
  const { counts } = useNews()
  // Read only where no stream tells of them.
  const queues = useRead('queues.list', {}, { enabled: counts === undefined && can('queues:read') })
  const total = (state: Exclude<JobState, 'removed'>): number =>
    counts
      ? totalOf(counts, [state])
      : (queues.data?.data.reduce((sum, row) => sum + row.counts[state], 0) ?? 0)
  return {
    '/jobs': { n: total('active') },
    '/failures': { n: total('failed'), tone: 'bad' },
  }
}
