// The type of the single icon files, which the package does not declare.
declare module '@tabler/icons-react/dist/esm/icons/*.mjs' {
  import type { ComponentType, SVGProps } from 'react'
  const icon: ComponentType<
    Omit<SVGProps<SVGSVGElement>, 'ref' | 'stroke'> & {
      size?: number | string
      stroke?: number | string
    }
  >
  export default icon
}
