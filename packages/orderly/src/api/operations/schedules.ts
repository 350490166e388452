// What is asked of and answered by schedules. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type {
  Backfill,
  FiredSchedule,
  PastSlots,
  Schedule,
  ScheduleRemoval,
  ScheduleRequest,
  ScheduleSpecRequest,
  Schedules,
  SlotPreview,
  UpcomingSlots,
} from '../schemas/schedules.ts'
export interface SchedulesApi {
  /** Every schedule. */
  'schedules.list': { request: {}; response: Schedules }
  /** One schedule; send its ETag with a change. */
  'schedules.get': {
    request: {
      params: {
        id: string
      }
    }
    response: Schedule
  }
  /** Make a schedule, or change the one of this id. */
  'schedules.put': {
    request: {
      params: {
        id: string
      }
      body: ScheduleRequest
    }
    response: Schedule
  }
  /** Remove a schedule; one that a definition declares is again as that says. */
  'schedules.delete': {
    request: {
      params: {
        id: string
      }
    }
    response: ScheduleRemoval
  }
  /** Let a schedule fire no more for now. */
  'schedules.pause': {
    request: {
      params: {
        id: string
      }
      body: {
        /** Why, for everybody to read. It holds nothing of a patient. */
        reason: string
        /** A number and a unit: 500ms, 30s, 5m, 2h, 7d. */
        for?: string
      }
    }
    response: Schedule
  }
  /** Let a schedule fire again. */
  'schedules.resume': {
    request: {
      params: {
        id: string
      }
    }
    response: Schedule
  }
  /** Fire a schedule now, beside its slots. */
  'schedules.run': {
    request: {
      params: {
        id: string
      }
    }
    response: FiredSchedule
  }
  /** The slots to come, with the reason of each shift. */
  'schedules.upcoming': {
    request: {
      params: {
        id: string
      }
      query?: {
        count?: number
      }
    }
    response: UpcomingSlots
  }
  /** The slots that have had their turn, newest first: fired, left out and why, waiting. */
  'schedules.past': {
    request: {
      params: {
        id: string
      }
      query?: {
        from?: number
        to?: number
        limit?: number
      }
    }
    response: PastSlots
  }
  /** Fire the slots of a range that never fired, or only say which they are. */
  'schedules.backfill': {
    request: {
      params: {
        id: string
      }
      body: {
        from: string
        to: string
        plan?: boolean
      }
    }
    response: Backfill
  }
  /** The next slots of a schedule that is not made yet. */
  'schedules.preview': {
    request: {
      body: {
        spec: ScheduleSpecRequest
        count?: number
      }
    }
    response: SlotPreview
  }
}
