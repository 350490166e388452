// What a graph's own parts are called for those who hear it: its steps, its arrows, and the buttons that move it.
import type { AriaLabelConfig } from '@xyflow/react'
import { useMemo } from 'react'
import { useTexts } from '../app/texts.ts'

const TEXTS = {
  step: [
    'Press Enter or space to choose this step.',
    'Pulse Intro o espacio para elegir este paso.',
  ],
  arrow: ['From {from} to {to}', 'De {from} a {to}'],
  anyArrow: ['An arrow from a step to another.', 'Una flecha de un paso a otro.'],
  controls: ['Zoom and place', 'Ampliación y posición'],
  in: ['Zoom in', 'Ampliar'],
  out: ['Zoom out', 'Reducir'],
  fit: ['Show all of it', 'Mostrarlo todo'],
  moved: ['Moved', 'Movido'],
  map: ['Map of the whole', 'Mapa del conjunto'],
  end: ['End of an arrow', 'Extremo de una flecha'],
} as const

export interface GraphLabels {
  readonly config: Partial<AriaLabelConfig>
  /** What an arrow between two steps is called. */
  arrow(from: string, to: string): string
}

export function useGraphLabels(): GraphLabels {
  const say = useTexts(TEXTS)
  return useMemo(
    () => ({
      config: {
        'node.a11yDescription.default': say('step'),
        'node.a11yDescription.keyboardDisabled': say('step'),
        'node.a11yDescription.ariaLiveMessage': () => say('moved'),
        'edge.a11yDescription.default': say('anyArrow'),
        'controls.ariaLabel': say('controls'),
        'controls.zoomIn.ariaLabel': say('in'),
        'controls.zoomOut.ariaLabel': say('out'),
        'controls.fitView.ariaLabel': say('fit'),
        'minimap.ariaLabel': say('map'),
        'handle.ariaLabel': say('end'),
      },
      arrow: (from, to) => say('arrow', { from, to }),
    }),
    [say],
  )
}
