// The search of jobs: one grammar, completed by the server as it is typed.
import { ActionIcon, Combobox, Popover, TextInput, useCombobox } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useFormats } from '../../app/format.ts'
import { useTexts } from '../../app/texts.ts'
import { IconHelp, IconSearch, IconX } from '../../look/icons.ts'
import { useCompletion } from './completion.ts'
import { JOBS_TEXTS, SEARCH_HELP } from './texts.ts'
import { replaceWord, wordAt } from './search-text.ts'

export interface SearchBarProps {
  readonly value: string
  readonly onSearch: (search: string) => void
}

export function SearchBar({ value, onSearch }: SearchBarProps) {
  const say = useTexts(JOBS_TEXTS)
  const help = useTexts(SEARCH_HELP)
  const format = useFormats()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const [cursor, setCursor] = useState(0)
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() })
  useEffect(() => setText(value), [value])
  const options = useCompletion(text.slice(0, cursor), box.dropdownOpened)
  const look = (): void => {
    const element = input.current
    if (element) setCursor(element.selectionStart ?? element.value.length)
  }
  const take = (option: string): void => {
    const isKey = option.endsWith(':')
    const from = options.find((each) => each.option === option)?.from ?? cursor
    const { to } = wordAt(text, cursor)
    const taken = isKey ? option : `${option} `
    const next = replaceWord(text, { from, to: Math.max(from, to) }, taken)
    setText(next)
    if (!isKey) onSearch(next.trim())
    requestAnimationFrame(() => {
      input.current?.setSelectionRange(from + taken.length, from + taken.length)
      look()
    })
    if (!isKey) box.closeDropdown()
  }
  return (
    <form
      role="search"
      className="search-row"
      onSubmit={(event) => {
        event.preventDefault()
        onSearch(text.trim())
        box.closeDropdown()
      }}
    >
      <Combobox store={box} onOptionSubmit={take} withinPortal>
        <Combobox.Target>
          <TextInput
            ref={input}
            data-page-search
            size="md"
            aria-label={say('search')}
            placeholder={say('placeholder')}
            leftSection={<IconSearch size={17} aria-hidden />}
            rightSection={
              text === '' ? null : (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={say('clear')}
                  onClick={() => {
                    setText('')
                    onSearch('')
                    input.current?.focus()
                  }}
                >
                  <IconX size={15} />
                </ActionIcon>
              )
            }
            value={text}
            autoComplete="off"
            spellCheck={false}
            classNames={{ input: 'mono' }}
            onChange={(event) => {
              setText(event.currentTarget.value)
              look()
              box.openDropdown()
              box.resetSelectedOption()
            }}
            onClick={look}
            onFocus={() => {
              look()
              box.openDropdown()
            }}
            onBlur={() => box.closeDropdown()}
            onKeyUp={(event) => {
              if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') look()
            }}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={options.length === 0}>
          <Combobox.Options mah={280} style={{ overflowY: 'auto' }} aria-label={say('search')}>
            {options.map(({ option, about, count }) => (
              <Combobox.Option value={option} key={option}>
                <span className="option">
                  <span className="mono">{option}</span>
                  {about === '' ? null : <span className="quiet option-about">{about}</span>}
                  {typeof count === 'number' ? (
                    <span className="quiet number">{format.short(count)}</span>
                  ) : null}
                </span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <Popover position="bottom-end" width={360} withArrow shadow="md">
        <Popover.Target>
          <ActionIcon variant="default" size={42} aria-label={say('help')}>
            <IconHelp size={18} />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown>
          <ul className="search-help">
            {(Object.keys(SEARCH_HELP) as (keyof typeof SEARCH_HELP)[]).map((key) => {
              const [example, ...meaning] = help(key).split(': ')
              return (
                <li key={key}>
                  <code>{example}</code> {meaning.join(': ')}
                </li>
              )
            })}
          </ul>
        </Popover.Dropdown>
      </Popover>
    </form>
  )
}
