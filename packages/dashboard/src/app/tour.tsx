// A tour of five tasks on the real pages: each step opens the page it speaks of.
import { Button, Dialog, Group, Progress, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { setPreference } from './preferences.ts'
import { SHELL_TEXTS } from './shell-texts.ts'
import { useTexts } from './texts.ts'

const TEXTS = {
  next: ['Next', 'Siguiente'],
  back: ['Back', 'Atrás'],
  end: ['Done', 'Hecho'],
  leave: ['Leave the tour', 'Salir de la visita'],
  step: ['Step {n} of 5', 'Paso {n} de 5'],
  t1: ['See what needs you', 'Vea qué le necesita'],
  p1: [
    'The first sentence of the overview says whether anything is wrong. Cards below it appear only when somebody should act.',
    'La primera frase del resumen dice si algo va mal. Las tarjetas de abajo solo aparecen cuando alguien debe actuar.',
  ],
  t2: ['Find a job', 'Busque un trabajo'],
  p2: [
    'Type state:failed, or type: and let it complete. Everything you filter by is in the address, so you can send it to a colleague.',
    'Escriba state:failed, o type: y deje que se complete. Todo filtro está en la dirección: puede enviarla a un colega.',
  ],
  t3: ['Ask why', 'Pregunte por qué'],
  p3: [
    'Open a job. The line below its name says why it is not running, with proof, and offers the button that helps.',
    'Abra un trabajo. La línea bajo su nombre dice por qué no avanza, con pruebas, y ofrece el botón que ayuda.',
  ],
  t4: ['Pause a queue', 'Pause una cola'],
  p4: [
    'Give a reason and a time to go on by itself. Whoever looks at the queue sees who paused it, when and why.',
    'Dé un motivo y una hora para seguir sola. Quien mire la cola verá quién la pausó, cuándo y por qué.',
  ],
  t5: ['Prove it', 'Demuéstrelo'],
  p5: [
    'Every action of a person is an entry of the audit log. Press Verify: this browser recomputes the whole chain.',
    'Cada acción de una persona es una entrada de la auditoría. Pulse Verificar: este navegador recalcula toda la cadena.',
  ],
} as const

const STEPS = [
  { to: '/', title: 't1', text: 'p1' },
  { to: '/jobs', title: 't2', text: 'p2' },
  { to: '/jobs', title: 't3', text: 'p3' },
  { to: '/queues', title: 't4', text: 'p4' },
  { to: '/audit', title: 't5', text: 'p5' },
] as const

export function Tour({ onEnd }: { readonly onEnd: () => void }) {
  const say = useTexts(TEXTS)
  const shell = useTexts(SHELL_TEXTS)
  const navigate = useNavigate()
  const [at, setAt] = useState(0)
  const step = STEPS[at]!
  useEffect(() => void navigate({ to: step.to }), [navigate, step.to])
  const end = (): void => {
    setPreference('hasSeenTour', true)
    onEnd()
  }
  const isLast = at === STEPS.length - 1
  return (
    <Dialog
      opened
      onClose={end}
      size="lg"
      radius="lg"
      shadow="xl"
      withBorder
      role="dialog"
      aria-label={shell('tour')}
    >
      <Text size="xs" c="dimmed">
        {say('step', { n: at + 1 })}
      </Text>
      <Text fw={600} mb={4} aria-live="polite">
        {say(step.title)}
      </Text>
      <Text size="sm" mb="sm">
        {say(step.text)}
      </Text>
      <Progress
        value={((at + 1) / STEPS.length) * 100}
        size="xs"
        mb="sm"
        aria-label={shell('tour')}
      />
      <Group>
        <Button variant="subtle" color="gray" size="xs" onClick={end} mr="auto">
          {say('leave')}
        </Button>
        <Button variant="default" size="xs" disabled={at === 0} onClick={() => setAt(at - 1)}>
          {say('back')}
        </Button>
        <Button size="xs" onClick={() => (isLast ? end() : setAt(at + 1))}>
          {say(isLast ? 'end' : 'next')}
        </Button>
      </Group>
    </Dialog>
  )
}
