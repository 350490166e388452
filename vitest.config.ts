import { defineConfig } from 'vitest/config'

/** Their files share processes: each would otherwise read all of Orderly's sources anew, which is a tenth of the time. */
const TOGETHER = [
  'packages/orderly/src/**/*.test.ts',
  'packs/*/src/**/*.test.ts',
  'test/{access,alerts,events,evidence,http,lab,ledger,mail,medication,notifications,prices,record,wall}/**/!(commands).test.ts',
  'test/runtime/!(crash-harness|handler-modules|isolation|long-life|process-life|races|schedule-kills|stopped-worker).test.ts',
]
/** Those that meddle with their process, weigh its memory, or fill it for minutes. */
const APART = [
  'packages/orderly/src/{cli,engine,schedule}/**/*.test.ts',
  'packs/prices/src/{bombs,read/large}.test.ts',
]

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    pool: 'forks',
    // Many tests wait for servers, locks and processes rather than compute.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One second, as it is otherwise, says more of a busy machine than of what is waited for.
    expect: { poll: { timeout: 10_000 } },
    slowTestThreshold: 5_000,
    projects: [
      {
        extends: true,
        test: { name: 'together', isolate: false, include: TOGETHER, exclude: APART },
      },
      {
        extends: true,
        test: {
          name: 'apart',
          include: [
            ...APART,
            'packages/{bullmq-sqlite,dashboard}/{src,conformance}/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: TOGETHER.filter((pattern) => pattern.startsWith('test/')),
        },
      },
    ],
  },
})
