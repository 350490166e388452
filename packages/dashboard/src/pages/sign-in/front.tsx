// The page before the pages: the mark, one card, and the language.
import { Button, Group } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import { BASE } from '../../app/place.ts'
import { setPreference, usePreferences } from '../../app/preferences.ts'

export function Front({
  title,
  lead,
  children,
}: {
  readonly title: string
  readonly lead: string
  readonly children: ReactNode
}) {
  const { language } = usePreferences()
  useEffect(() => {
    document.title = `${title} · Orderly`
  }, [title])
  return (
    <main className="front">
      <div className="card front-card">
        <img src={`${BASE}/mark.svg`} alt="" width={44} height={44} />
        <h1>{title}</h1>
        <p className="quiet">{lead}</p>
        {children}
        <Group gap="xs" justify="center" mt="md">
          {(
            [
              ['en', 'English'],
              ['es', 'Español'],
            ] as const
          ).map(([value, label]) => (
            <Button
              key={value}
              lang={value}
              size="compact-xs"
              variant={language === value ? 'light' : 'subtle'}
              color="gray"
              aria-pressed={language === value}
              onClick={() => setPreference('language', value)}
            >
              {label}
            </Button>
          ))}
        </Group>
      </div>
    </main>
  )
}
