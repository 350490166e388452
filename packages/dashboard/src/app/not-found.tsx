// An address that leads nowhere.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Page } from '../parts/page.tsx'
import { SHELL_TEXTS } from './shell-texts.ts'
import { useTexts } from './texts.ts'

export function NotFound() {
  const say = useTexts(SHELL_TEXTS)
  return (
    <Page title={say('notFound')} lead={say('notFoundText')}>
      <Button component={Link} to="/" style={{ alignSelf: 'flex-start' }}>
        {say('toOverview')}
      </Button>
    </Page>
  )
}
