// Starts the dashboard in the page.
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './look/base.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, useMemo } from 'react'
import { createRoot } from 'react-dom/client'
import { client, readAhead } from './api/use.ts'
import { NONCE } from './app/place.ts'
import { router } from './app/router.tsx'
import { useTexts } from './app/texts.ts'
import { themeFor, variables } from './look/theme.ts'

// Libraries that add style elements of their own ask for the nonce here.
Object.assign(globalThis, { __webpack_nonce__: NONCE })

const TEXTS = { close: ['Close', 'Cerrar'] } as const

/** Menus and dialogs begin at 200: whatever is said lies below them. */
const UNDER_DIALOGS = 150

function Dashboard() {
  const say = useTexts(TEXTS)
  const theme = useMemo(() => themeFor(say('close')), [say])
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={() => NONCE}
    >
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" zIndex={UNDER_DIALOGS} limit={3} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  )
}

async function start(): Promise<void> {
  // The page of this address is on its way while it is found out who is here: it is drawn once, and whole.
  void router.load()
  await readAhead('session.get', {})
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <Dashboard />
    </StrictMode>,
  )
}

void start()
