import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/conformance/**/*.test.ts',
      'packs/*/src/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    pool: 'forks',
    // Many tests wait for servers, locks and processes rather than compute.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    slowTestThreshold: 5_000,
  },
})
