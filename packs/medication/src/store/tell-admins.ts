// What administrators must know: that a job failed for good, and what somebody has to look at.
import { DAY_MS } from '../schedule/zone.ts'
import { addNotices, sealNotices, type NewNotice } from './notices.ts'
import { idOf, type Store } from './store.ts'

type ToAdmins = 'unreadable' | 'undelivered' | 'unscheduled'

const TEXTS: Readonly<Record<ToAdmins, Pick<NewNotice, 'title' | 'body'>>> = {
  unreadable: {
    title: 'A medicine could not be read',
    body: 'Something of a patient could not be found or read, so nobody is reminded of it. Sign in to see the log.',
  },
  undelivered: {
    title: 'Messages could not be delivered',
    body: 'A message to a patient was given up after every attempt. Sign in to see the log.',
  },
  unscheduled: {
    title: 'A medicine has no times',
    body: 'An order that came in has a dosage without times, so nobody is reminded of it. Sign in to see which.',
  },
}

/** Told once a day for one thing, however often it is found; the next run of the reminder delivers it. */
export async function alertAdmins(
  store: Store,
  what: ToAdmins,
  detail: Readonly<Record<string, string | number>>,
): Promise<void> {
  await tell(store, { ...TEXTS[what], kind: 'admin-alert', detail }, what)
}

/** A job has failed for good. Its code is told, never its message. */
export async function tellFailure(store: Store, job: string, code: string): Promise<void> {
  const title = 'A medication job failed'
  const body = 'A background job failed for good. Sign in to see which, and why.'
  await tell(store, { title, body, kind: 'error-notification', detail: { job, code } }, job, code)
}

async function tell(
  store: Store,
  notice: Pick<NewNotice, 'title' | 'body' | 'kind' | 'detail'>,
  ...what: readonly string[]
): Promise<void> {
  const day = Math.floor(store.clock.now() / DAY_MS)
  const id = idOf(notice.kind, ...what, day)
  const sealed = await sealNotices(store, [{ ...notice, id, patientId: undefined, urgent: false }])
  await store.db.transaction((tx) => addNotices(tx, sealed))
}
