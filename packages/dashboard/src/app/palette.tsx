// The command palette: every page by name, a job by its id, and any search.
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { IconArrowRight, IconListDetails, IconSearch } from '../look/icons.ts'
import { NAVIGATION_TEXTS, SECTIONS, SETTINGS } from './navigation.ts'
import { useSession } from './session.ts'
import { SHELL_TEXTS } from './shell-texts.ts'
import { useTexts } from './texts.ts'

export function Palette() {
  const say = useTexts(SHELL_TEXTS)
  const name = useTexts(NAVIGATION_TEXTS)
  const { can } = useSession()
  const navigate = useNavigate()
  const [query, setQuery] = useState('')
  const actions = useMemo(() => {
    const pages: SpotlightActionData[] = [...SECTIONS.flatMap(({ items }) => items), SETTINGS]
      .filter(({ permission }) => can(permission))
      .map(({ to, text, icon: Icon }) => ({
        id: to,
        label: name(text),
        description: to,
        leftSection: <Icon size={18} stroke={1.7} />,
        onClick: () => void navigate({ to }),
      }))
    const asked = query.trim()
    if (asked === '') return pages
    const found: SpotlightActionData[] = [
      {
        id: 'find',
        label: say('findJobs', { query: asked }),
        keywords: asked,
        leftSection: <IconSearch size={18} stroke={1.7} />,
        onClick: () => void navigate({ to: '/jobs', search: { q: asked } }),
      },
    ]
    // Lists show the end of an id, which is not the whole of it.
    if (/^[\w.:-]{12,}$/.test(asked) && !/^[\da-f]{12}$/.test(asked))
      found.unshift({
        id: 'open',
        label: say('openJob', { id: asked }),
        keywords: asked,
        leftSection: <IconListDetails size={18} stroke={1.7} />,
        onClick: () => void navigate({ to: '/jobs/$id', params: { id: asked } }),
      })
    return [...pages, ...found]
  }, [can, name, navigate, query, say])
  return (
    <Spotlight
      actions={actions}
      shortcut={['mod + K', 'mod + /']}
      query={query}
      onQueryChange={setQuery}
      highlightQuery
      scrollable
      maxHeight={420}
      nothingFound={say('nothing')}
      searchProps={{
        leftSection: <IconArrowRight size={18} stroke={1.7} />,
        placeholder: say('search'),
        'aria-label': say('search'),
      }}
    />
  )
}
