// A mail server for trying things out: takes every mail after a moment, as one across a network does, and keeps none.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface MailSink {
  readonly url: string
  /** How many mails have come. */
  readonly count: number
  close(): Promise<void>
}

/** @param delay milliseconds before a mail is answered for; `roundTrip`: before any other line is, as across a network */
export async function startMailSink(delay: number, roundTrip = 0): Promise<MailSink> {
  let count = 0
  const talk = (socket: Socket): void => {
    let rest = ''
    let inData = false
    let turn = Promise.resolve()
    const say = (line: string, after = roundTrip): void => {
      turn = turn.then(async () => {
        if (after > 0) await sleep(after)
        if (!socket.destroyed) socket.write(`${line}\r\n`)
      })
    }
    say('220 sink')
    socket.on('error', () => undefined)
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      rest += chunk
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 2)
        if (inData) {
          if (line !== '.') continue
          inData = false
          count++
          say('250 taken', delay + roundTrip)
        } else if (/^DATA/i.test(line)) {
          inData = true
          say('354 go on')
        } else if (/^QUIT/i.test(line)) {
          say('221 bye')
        } else say('250 ok')
      }
    })
  }
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    talk(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    get count() {
      return count
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
