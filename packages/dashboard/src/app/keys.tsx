// The keys of the dashboard: `g` and a letter for a page, `/` for the search, `?` for this list.
import { Kbd } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { NAVIGATION_TEXTS, SECTIONS, SETTINGS } from './navigation.ts'
import { SHELL_TEXTS } from './shell-texts.ts'
import { useTexts } from './texts.ts'
import { now } from './time-source.ts'
import { Dialog } from '../parts/dialog.tsx'

const TEXTS = {
  palette: ['Search and go anywhere', 'Buscar e ir a cualquier parte'],
  find: ['Into the search of the page', 'Al buscador de la página'],
  keys: ['This list', 'Esta lista'],
  rows: ['Next and previous row', 'Fila siguiente y anterior'],
  choose: ['Choose the row', 'Elegir la fila'],
  open: ['Open the row', 'Abrir la fila'],
  close: ['Close, or back', 'Cerrar o volver'],
} as const

const PAGES = [...SECTIONS.flatMap(({ items }) => items), SETTINGS].filter(({ key }) => key)
const SECOND_KEY_MS = 1_200

/** `g` then a letter goes to a page; `/` goes into the page's search. */
export function useGoKeys(): void {
  const navigate = useNavigate()
  useEffect(() => {
    let startedAt = 0
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === '/') {
        const search = document.querySelector<HTMLElement>('[data-page-search]')
        if (!search) return
        event.preventDefault()
        search.focus()
      } else if (startedAt > 0 && now() - startedAt < SECOND_KEY_MS) {
        startedAt = 0
        const page = PAGES.find(({ key }) => key === event.key)
        if (page) void navigate({ to: page.to })
      } else startedAt = event.key === 'g' ? now() : 0
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [navigate])
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  )
}

export function KeysDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
}) {
  const say = useTexts(TEXTS)
  const shell = useTexts(SHELL_TEXTS)
  const name = useTexts(NAVIGATION_TEXTS)
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['⌘', 'K'], say('palette')],
    [['/'], say('find')],
    [['?'], say('keys')],
    [['j', 'k'], say('rows')],
    [['x'], say('choose')],
    [['Enter'], say('open')],
    [['Esc'], say('close')],
    ...PAGES.map(({ key, text }) => [['g', key!], name(text)] as const),
  ]
  return (
    <Dialog opened={isOpen} onClose={onClose} title={shell('keys')} size="lg">
      <dl className="keys">
        {rows.map(([keys, what]) => (
          <div key={keys.join(' ')}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
