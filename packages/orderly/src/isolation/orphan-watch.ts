// A thread beside a handler's process that ends the process once its parent is gone, however busy the handler is.
import { workerData } from 'node:worker_threads'
import { systemClock } from '../primitives/clock.ts'

const LOOK_MS = 1_000

while (process.ppid === workerData) await systemClock.sleep(LOOK_MS)
process.kill(process.pid, 'SIGKILL')
