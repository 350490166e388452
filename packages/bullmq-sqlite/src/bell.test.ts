/** The bell: who hears it, and what happens when its host goes. */
import { writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Bell } from './bell.ts'
import { tempFile, until } from './testing/lab.ts'

interface Listener {
  bell: Bell
  heard: number
}

/** As many bells on one file, all of them hanging. */
async function bells(count: number): Promise<Listener[]> {
  const file = tempFile()
  writeFileSync(file, '')
  const listeners: Listener[] = []
  for (let n = 0; n < count; n++) {
    const listener: Listener = { heard: 0, bell: new Bell(file, () => void listener.heard++) }
    onTestFinished(() => listener.bell.close())
    await until(() => listener.bell.hangs)
    listeners.push(listener)
  }
  return listeners
}

/** Rings until all the others have heard it, as they may still be on their way back. */
async function reaches(from: Listener, others: Listener[]): Promise<void> {
  for (const other of others) other.heard = 0
  await until(() => {
    from.bell.ring()
    return others.every(({ heard }) => heard > 0)
  })
}

describe.runIf(process.platform === 'linux')('the bell', () => {
  it('is heard by all the others, whoever rings', async () => {
    const [host, guest, other] = (await bells(3)) as [Listener, Listener, Listener]
    await reaches(host, [guest, other])
    await reaches(guest, [host, other])
    const before = guest.heard
    guest.bell.ring()
    expect(guest.heard).toBe(before)
  })

  it('is hung up again when its host is gone', async () => {
    const [host, guest, other] = (await bells(3)) as [Listener, Listener, Listener]
    host.bell.close()
    await reaches(guest, [other])
    await reaches(other, [guest])
  })

  it('rings once for many changes in a row', async () => {
    const [host, guest] = (await bells(2)) as [Listener, Listener]
    await reaches(host, [guest])
    guest.heard = 0
    for (let n = 0; n < 1000; n++) host.bell.ring()
    await until(() => guest.heard > 0)
    expect(guest.heard).toBeLessThan(5)
  })

  it('is not missed where it cannot hang', () => {
    const bell = new Bell('/nowhere/queues.db', () => undefined)
    bell.ring()
    expect(bell.hangs).toBe(false)
    bell.close()
  })
})
