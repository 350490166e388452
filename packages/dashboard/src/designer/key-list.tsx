// The keys of the designer, for who looks them up.
import { Kbd } from '@mantine/core'
import { useTexts } from '../app/texts.ts'
import { DESIGNER_TEXTS } from './texts.ts'

const KEYS = {
  insert: ['n'],
  connect: ['c'],
  edit: ['Enter'],
  walk: ['←', '→', '↑', '↓'],
  wholeWay: ['Shift ←', 'Shift →'],
  remove: ['Delete'],
  search: ['/'],
  try: ['t'],
  note: ['m'],
  group: ['Ctrl G'],
  selectAll: ['Ctrl A'],
  copyPaste: ['Ctrl C', 'Ctrl X', 'Ctrl V'],
  duplicate: ['Ctrl D'],
  undo: ['Ctrl Z'],
  redo: ['Ctrl Shift Z'],
  save: ['Ctrl S'],
  arrange: ['l'],
  zoomKeys: ['+', '-', '0', '1'],
  clear: ['Esc'],
} as const

export function KeyList() {
  const say = useTexts(DESIGNER_TEXTS)
  return (
    <dl className="keys">
      {Object.entries(KEYS).map(([what, keys]) => (
        <div key={what}>
          <dt>
            {keys.map((key) => (
              <Kbd key={key} size="xs">
                {key}
              </Kbd>
            ))}
          </dt>
          <dd>{say(what as keyof typeof KEYS)}</dd>
        </div>
      ))}
    </dl>
  )
}
