// The bar above every page: where one is, how fresh the data is, what is hidden, and what one may choose for oneself.
import {
  ActionIcon,
  Badge,
  Burger,
  Button,
  Kbd,
  Menu,
  Tooltip,
  useMantineColorScheme,
} from '@mantine/core'
import { spotlight } from '@mantine/spotlight'
import { Link } from '@tanstack/react-router'
import {
  IconCode,
  IconDeviceDesktop,
  IconHelp,
  IconKeyboard,
  IconLock,
  IconLogout,
  IconMoon,
  IconRocket,
  IconSearch,
  IconSun,
  IconUsers,
  IconWorld,
} from '../look/icons.ts'
import { useRead } from '../api/use.ts'
import { useFormats, zoneName } from './format.ts'
import { startLive, stopLive, useLive } from './live.ts'
import { useNow } from './now.ts'
import { BASE } from './place.ts'
import { setPreference, usePreferences } from './preferences.ts'
import { useSession } from './session.ts'
import { SHELL_TEXTS } from './shell-texts.ts'
import { useTexts } from './texts.ts'

export interface TopBarProps {
  readonly isMenuOpen: boolean
  readonly onMenu: () => void
  readonly onKeys: () => void
  readonly onTour: () => void
  readonly onSignOut: () => void
}

export function TopBar({ isMenuOpen, onMenu, onKeys, onTour, onSignOut }: TopBarProps) {
  const say = useTexts(SHELL_TEXTS)
  const isProduction = useEnvironment() === 'production'
  return (
    <div className="top-bar" data-production={isProduction || undefined}>
      <Burger
        opened={isMenuOpen}
        onClick={onMenu}
        hiddenFrom="sm"
        size="sm"
        aria-label={say('openMenu')}
      />
      <Link to="/" className="brand" aria-label="Orderly">
        <img src={`${BASE}/mark.svg`} alt="" width={26} height={26} />
        <span className="brand-name">Orderly</span>
      </Link>
      <EnvironmentChip />
      <Button
        variant="default"
        className="search-button"
        leftSection={<IconSearch size={15} aria-hidden />}
        rightSection={<Kbd size="xs">⌘K</Kbd>}
        onClick={spotlight.open}
      >
        <span className="search-words">{say('search')}</span>
      </Button>
      <div className="top-end">
        <LiveIndicator />
        <ZoneMenu />
        <Tooltip label={say('maskedWhy')}>
          <Badge
            component="button"
            type="button"
            variant="light"
            color="violet"
            size="lg"
            radius="sm"
            tt="none"
            className="phi-lock"
            aria-label={`${say('masked')}. ${say('maskedWhy')}`}
            leftSection={<IconLock size={13} aria-hidden />}
          >
            {say('masked')}
          </Badge>
        </Tooltip>
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={say('keys')}>
              <IconHelp size={19} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconKeyboard size={16} />}
              onClick={onKeys}
              rightSection={<Kbd size="xs">?</Kbd>}
            >
              {say('keys')}
            </Menu.Item>
            <Menu.Item leftSection={<IconRocket size={16} />} onClick={onTour}>
              {say('tour')}
            </Menu.Item>
            <Menu.Item leftSection={<IconCode size={16} />} component="a" href={`${BASE}/docs`}>
              {say('apiDocs')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <UserMenu onSignOut={onSignOut} />
      </div>
    </div>
  )
}

/** Production, or not; undefined for who may not see it. */
function useEnvironment(): 'production' | 'development' | undefined {
  const { can } = useSession()
  return useRead('overview.get', {}, { enabled: can('metrics:read') }).data?.environment
}

function EnvironmentChip() {
  const say = useTexts(SHELL_TEXTS)
  const environment = useEnvironment()
  if (environment === undefined) return null
  const name = say(environment)
  return (
    <Badge
      variant={environment === 'production' ? 'filled' : 'light'}
      color={environment === 'production' ? 'red' : 'gray'}
      radius="sm"
      tt="none"
      className="environment"
      title={say('environment', { name })}
    >
      {name}
    </Badge>
  )
}

function LiveIndicator() {
  const say = useTexts(SHELL_TEXTS)
  const format = useFormats()
  const { status, heardAt } = useLive()
  const now = useNow()
  const age = Math.max(0, now - heardAt)
  const word =
    status === 'live' ? say('live') : status === 'paused' ? say('liveOff') : say('reconnecting')
  const toggle = (): void => {
    const isLive = status === 'paused'
    setPreference('isLive', isLive)
    if (isLive) startLive()
    else stopLive()
  }
  return (
    <Tooltip label={status === 'paused' ? say('resumeLive') : say('pauseLive')}>
      <button
        type="button"
        className="live"
        data-tone={status === 'live' ? 'good' : status === 'paused' ? undefined : 'warning'}
        onClick={toggle}
        aria-pressed={status !== 'paused'}
      >
        <span className={status === 'live' ? 'live-dot breathing' : 'live-dot'} aria-hidden />
        <span>{word}</span>
        {age > 20_000 ? (
          <span className="quiet live-age">{say('age', { age: format.span(age) })}</span>
        ) : null}
      </button>
    </Tooltip>
  )
}

const ZONES = [
  'UTC',
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'Europe/Madrid',
]

function ZoneMenu() {
  const say = useTexts(SHELL_TEXTS)
  const { zone } = usePreferences()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          className="zone"
          leftSection={<IconWorld size={15} aria-hidden />}
        >
          <span className="only-read">{say('zone')}: </span>
          {zone === 'local' ? 'Local' : (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{say('zone')}</Menu.Label>
        {['local', ...ZONES].map((each) => (
          <Menu.Item
            key={each}
            onClick={() => setPreference('zone', each)}
            fw={each === zone ? 700 : undefined}
            role="menuitemradio"
            aria-checked={each === zone}
          >
            {each === 'local' ? say('zoneLocal', { zone: zoneName('local') }) : each}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function UserMenu({ onSignOut }: { readonly onSignOut: () => void }) {
  const say = useTexts(SHELL_TEXTS)
  const { actor } = useSession()
  const { density, language } = usePreferences()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const schemes = [
    { value: 'light', icon: IconSun },
    { value: 'dark', icon: IconMoon },
    { value: 'auto', icon: IconDeviceDesktop },
  ] as const
  return (
    <Menu position="bottom-end" width={240} closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={say('user')}>
          <IconUsers size={19} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actor ? (
          <Menu.Label>
            {actor.name}
            {actor.roles.length > 0 ? ` · ${actor.roles.join(', ')}` : ''}
          </Menu.Label>
        ) : null}
        <Menu.Label>{say('look')}</Menu.Label>
        {schemes.map(({ value, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} />}
            onClick={() => setColorScheme(value)}
            fw={colorScheme === value ? 700 : undefined}
            role="menuitemradio"
            aria-checked={colorScheme === value}
          >
            {say(value === 'auto' ? 'system' : value)}
          </Menu.Item>
        ))}
        <Menu.Label>{say('density')}</Menu.Label>
        {(['comfortable', 'compact'] as const).map((value) => (
          <Menu.Item
            key={value}
            onClick={() => setPreference('density', value)}
            fw={density === value ? 700 : undefined}
            role="menuitemradio"
            aria-checked={density === value}
          >
            {say(value)}
          </Menu.Item>
        ))}
        <Menu.Label>{say('language')}</Menu.Label>
        {(
          [
            ['en', 'English'],
            ['es', 'Español'],
          ] as const
        ).map(([value, name]) => (
          <Menu.Item
            key={value}
            lang={value}
            onClick={() => setPreference('language', value)}
            fw={language === value ? 700 : undefined}
            role="menuitemradio"
            aria-checked={language === value}
          >
            {name}
          </Menu.Item>
        ))}
        {actor?.kind === 'user' ? (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconLogout size={16} />} onClick={onSignOut} closeMenuOnClick>
              {say('signOut')}
            </Menu.Item>
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  )
}
