// An address that leads nowhere.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Blank } from '../parts/blank.tsx'
import { SHELL_TEXTS } from './shell-texts.ts'
import { useTexts } from './texts.ts'

export function NotFound() {
  const say = useTexts(SHELL_TEXTS)
  return (
    <Blank
      title={say('notFound')}
      action={
        <Button component={Link} to="/" variant="light">
          {say('toOverview')}
        </Button>
      }
    >
      {say('notFoundText')}
    </Blank>
  )
}
