// How the dashboard is built: hashed files for the browser, in the folder the server of orderly serves them from.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Of the pages' own parts and of libraries what is small; charts and what draws graphs come with their pages. */
const PARTS =
  /node_modules[\\/](@mantine|@floating-ui|@tabler|@tanstack)[\\/]|dashboard[\\/]src[\\/](api|app|look|parts[\\/](?!chart|points|sparkline|throughput))/

export default defineConfig({
  // Relative, because the server may be mounted below any path.
  base: './',
  // The client of the API comes from its source: the dashboard may be built before orderly is.
  resolve: { conditions: ['source', 'module', 'browser', 'production'] },
  plugins: [react()],
  build: {
    outDir: '../orderly/dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    // An inlined asset would be a data: address, which the policy of the page refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_200,
    rolldownOptions: {
      output: {
        // Each file costs a visit of the server and a look by the browser: what is needed at once is one file, and what
        // many pages need another, in place of some forty.
        codeSplitting: {
          groups: [
            { name: 'shell', tags: ['$initial'] },
            { name: 'parts', test: PARTS, minShareCount: 3 },
          ],
        },
      },
    },
  },
})
