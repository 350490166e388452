// Opens the record.
import type { Logger } from './job/logger.ts'
import { milliseconds } from './primitives/duration.ts'
import type { Clock } from './primitives/clock.ts'
import type { ContentRetention } from './history/fold.ts'
import { append, appendIf, type HistoryDatabase } from './history/record.ts'
import { openRecorder, type Recorder, type RecordWriter } from './history/recorder.ts'
import type { Settings } from './settings.ts'

/** How long content is kept where a job's options say nothing: the seeds' clean-up rule (002, Issue 3). */
export const RETENTION: ContentRetention = {
  completed: milliseconds('24h'),
  failed: milliseconds('7d'),
}

export function openRecord(
  database: HistoryDatabase,
  settings: Settings,
  clock: Clock,
  log: Logger,
): Recorder {
  return openRecorder({
    database,
    writer: openWriter(database, settings),
    clock,
    onError: (error) =>
      log.error({ error: error.message }, 'the record could not be written; it is tried again'),
  })
}

function openWriter(database: HistoryDatabase, { queueUrl }: Settings): RecordWriter {
  // A queue in a SQLite file is synced before a job counts as accepted, and knows what the record may have lost.
  const most = queueUrl.startsWith('sqlite:') ? 'written' : 'flushed'
  return {
    append: (entries, commit) =>
      append(database, entries, RETENTION, commit === 'written' ? commit : most),
    appendIf: (entry, condition) => appendIf(database, entry, RETENTION, condition),
  }
}
