// How the dashboard is built: hashed files for the browser, in the folder the server of orderly serves them from.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

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
  },
})
