// The frame around every page: top bar, rail, palette, keys, and the one live stream of the tab.
import { AppShell } from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { call } from '../api/call.ts'
import { client } from '../api/use.ts'
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '../look/icons.ts'
import { KeysDialog, useGoKeys } from './keys.tsx'
import { startLive, stopLive, watchVisibility } from './live.ts'
import { Palette } from './palette.tsx'
import { setPreference, usePreferences } from './preferences.ts'
import { Rail } from './rail.tsx'
import { SHELL_TEXTS } from './shell-texts.ts'
import { useTexts } from './texts.ts'
import { TopBar } from './top-bar.tsx'
import { Tour } from './tour.tsx'

export function Shell({ children }: { readonly children?: ReactNode }) {
  const say = useTexts(SHELL_TEXTS)
  const navigate = useNavigate()
  const { rail } = usePreferences()
  const [isMenuOpen, menu] = useDisclosure(false)
  const [isKeysOpen, keys] = useDisclosure(false)
  const [isTouring, setTouring] = useState(false)
  const isNarrow = rail === 'narrow' && !isMenuOpen
  useGoKeys()
  useHotkeys([['shift + ?', keys.open]])
  useEffect(() => {
    watchVisibility()
    startLive()
    return () => stopLive('reconnecting')
  }, [])
  const signOut = async (): Promise<void> => {
    await call('session.end', {}).catch(() => undefined)
    stopLive('reconnecting')
    client.clear()
    await navigate({ to: '/sign-in' })
  }
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: isNarrow ? 64 : 232, breakpoint: 'sm', collapsed: { mobile: !isMenuOpen } }}
      padding={0}
      transitionDuration={0}
    >
      <a className="skip" href="#content">
        {say('skip')}
      </a>
      <AppShell.Header>
        <TopBar
          isMenuOpen={isMenuOpen}
          onMenu={menu.toggle}
          onKeys={keys.open}
          onTour={() => setTouring(true)}
          onSignOut={() => void signOut()}
        />
      </AppShell.Header>
      <AppShell.Navbar>
        <Rail isNarrow={isNarrow} onGo={menu.close} />
        <button
          type="button"
          className="rail-toggle"
          aria-label={say(isNarrow ? 'widenRail' : 'narrowRail')}
          onClick={() => setPreference('rail', isNarrow ? 'wide' : 'narrow')}
        >
          {isNarrow ? (
            <IconLayoutSidebarLeftExpand size={18} stroke={1.6} />
          ) : (
            <IconLayoutSidebarLeftCollapse size={18} stroke={1.6} />
          )}
        </button>
      </AppShell.Navbar>
      <Content>{children ?? <Outlet />}</Content>
      <Palette />
      <KeysDialog isOpen={isKeysOpen} onClose={keys.close} />
      {isTouring ? <Tour onEnd={() => setTouring(false)} /> : null}
    </AppShell>
  )
}

/** A new page takes the focus, so that a screen reader begins there. */
function Content({ children }: { readonly children: ReactNode }) {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    if (!isFirst.current) main.current?.focus({ preventScroll: true })
    isFirst.current = false
  }, [path])
  return (
    <AppShell.Main id="content" tabIndex={-1} ref={main}>
      <div className="shell-main">{children}</div>
    </AppShell.Main>
  )
}
