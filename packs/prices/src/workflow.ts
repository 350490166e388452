// The pipeline as a workflow: scan, wait until all is in, ask about what was held, refresh.
import type { WorkflowDocument } from 'orderly'

/**
 * `prices.pipeline`: every file goes its own way from job to job, so the workflow waits for all of them and asks people
 * once about the versions that were held. The pack brings it: `orderly.startRun('prices.pipeline', {})`.
 */
export const pricesPipeline: WorkflowDocument = {
  format: 'orderly.workflow/1',
  id: 'prices.pipeline',
  version: 2,
  title: 'Hospital prices, from the directory to statistics',
  input: { type: 'object' },
  start: 'scan',
  nodes: {
    scan: {
      type: 'job',
      job: 'pra-unified-scan',
      title: 'Look for new and changed files',
      input: {},
    },
    settle: {
      type: 'job',
      job: 'prices-settle',
      title: 'Wait until they are loaded and checked',
      input: {},
    },
    held: { type: 'branch', title: 'Was anything held?' },
    ask: {
      type: 'approval',
      title: 'Publish what was held?',
      who: ['admin'],
      question:
        'Prices jumped tenfold, or a file lost over 30 % of its prices. Publish these versions?',
      deadline: '7d',
    },
    publish: {
      type: 'job',
      job: 'price-publish',
      title: 'Publish them',
      input: {
        versionIds: 'steps.settle.output.held',
        approved: 'true',
        by: 'steps.ask.output.by',
      },
    },
    refresh: { type: 'job', job: 'analytics-refresh', title: 'Refresh all statistics', input: {} },
  },
  edges: [
    { from: 'scan', to: 'settle' },
    { from: 'settle', to: 'held' },
    { from: 'held', to: 'ask', when: 'size(steps.settle.output.held) > 0' },
    { from: 'held', to: 'refresh', otherwise: true },
    { from: 'ask', to: 'publish' },
    { from: 'publish', to: 'refresh' },
  ],
}
