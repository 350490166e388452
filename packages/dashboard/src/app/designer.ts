// The designer of workflows, where this build has it: its folder is a part of its own.
import type { ComponentType } from 'react'

const found = import.meta.glob<{ readonly Designer: ComponentType }>('../designer/index.tsx')

/** Loads it; undefined where it was left out. */
export const loadDesigner: (() => Promise<{ readonly Designer: ComponentType }>) | undefined =
  found['../designer/index.tsx']
