// A field that narrows a pack's page: what is written in it goes into the address, and the server answers.
import { ActionIcon, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { PageBlock } from 'orderly/api'
import { useTexts } from '../../app/texts.ts'
import { useUrlState } from '../../app/url-state.ts'
import { IconSearch, IconX } from '../../look/icons.ts'
import { PACK_TEXTS } from './texts.ts'

export function Search({
  block: { filter, label, value },
}: {
  readonly block: Extract<PageBlock, { block: 'search' }>
}) {
  const say = useTexts(PACK_TEXTS)
  const [, change] = useUrlState({ [filter]: '' })
  const [text, setText] = useState(value)
  // Going back in the browser brings another value.
  useEffect(() => setText(value), [value])
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        change({ [filter]: text.trim() }, { replace: false })
      }}
    >
      <TextInput
        aria-label={label}
        placeholder={label}
        maw={420}
        maxLength={100}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        rightSection={
          value === '' ? null : (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={say('clear')}
              onClick={() => change({ [filter]: '' }, { replace: false })}
            >
              <IconX size={15} aria-hidden />
            </ActionIcon>
          )
        }
      />
    </form>
  )
}
