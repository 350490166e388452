// What programs need to test their jobs: `orderly/testing`.
export { fakeClock, type FakeClock } from './fake-clock.ts'
export {
  createTestOrderly,
  type Drained,
  type EnqueuedInput,
  type Performed,
  type TestOrderly,
} from './test-orderly.ts'
