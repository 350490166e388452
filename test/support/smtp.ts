// A real SMTP server for tests: keeps what it is sent, and fails as it is told to.
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'

export interface ReceivedMail {
  /** Who the envelope says it is from, and to. */
  readonly from: string
  readonly to: readonly string[]
  readonly mail: ParsedMail
  readonly raw: string
  /** Whether it came over TLS. */
  readonly secure: boolean
  /** The user that signed in. */
  readonly user: string | undefined
}

/**
 * What goes wrong with a mail. `code`: the reply to it, such as 450 or 550. `drop`: the connection breaks when the
 * whole mail is there (`data`), or before it begins (`connect`). `slow`: milliseconds before the reply.
 */
export interface MailFault {
  readonly code?: number
  readonly at?: 'mail' | 'rcpt' | 'data'
  /** Only this recipient; with `at: 'rcpt'`. */
  readonly to?: string
  readonly drop?: 'connect' | 'data'
  readonly slow?: number
}

export interface SmtpOptions {
  /** Speak TLS from the start (`smtps:`), or offer STARTTLS. */
  readonly tls?: {
    readonly key: string
    readonly cert: string
    readonly mode: 'smtps' | 'starttls'
  }
  /** Only who signs in with these may send. */
  readonly user?: { readonly name: string; readonly password: string }
}

export interface SmtpKit {
  /** For `ORDERLY_SMTP_URL`. */
  readonly url: string
  readonly port: number
  /** Mails it answers for, in the order they came. */
  readonly received: readonly ReceivedMail[]
  /** Mails whose connection it broke after it had all of them: it keeps them, and the sender does not know. */
  readonly kept: readonly ReceivedMail[]
  /** Bytes there are of the mail that is coming, or came last. */
  readonly beginning: number
  /** How many connections were opened. */
  readonly connections: number
  /** Fails the next `times` steps that a fault is about; once unless told. */
  fail(fault: MailFault, times?: number): void
  clear(): void
  /** Breaks all connections there are. */
  breakOff(): void
  /** Resolves once `count` mails have come. */
  waitFor(count: number): Promise<readonly ReceivedMail[]>
  stop(): Promise<void>
}

/** Starts a server on a free port of this machine. */
export async function startSmtp(options: SmtpOptions = {}): Promise<SmtpKit> {
  const received: ReceivedMail[] = []
  const kept: ReceivedMail[] = []
  const faults: MailFault[] = []
  let waiting: (() => void)[] = []
  let connections = 0
  let beginning = 0

  const take = (fits: (fault: MailFault) => boolean): MailFault | undefined => {
    const index = faults.findIndex(fits)
    return index < 0 ? undefined : faults.splice(index, 1)[0]
  }
  const reply = (code: number): Error =>
    Object.assign(new Error('told to fail by the test'), { responseCode: code })
  const breakOff = (server: SMTPServer, session: SMTPServerSession): void => {
    for (const connection of server.connections)
      if (connection.id === session.id) connection._socket.destroy()
  }

  const server: SMTPServer = new SMTPServer({
    logger: false,
    disableReverseLookup: true,
    allowInsecureAuth: true,
    hideSTARTTLS: options.tls === undefined,
    disabledCommands: [
      ...(options.user ? [] : ['AUTH' as const]),
      ...(options.tls?.mode === 'starttls' ? [] : ['STARTTLS' as const]),
    ],
    ...(options.tls ? { key: options.tls.key, cert: options.tls.cert } : {}),
    secure: options.tls?.mode === 'smtps',
    onAuth({ username, password }, _session, done) {
      if (username === options.user?.name && password === options.user?.password)
        done(null, { user: username })
      else done(reply(535))
    },
    onConnect(session, done) {
      connections++
      if (take(({ drop }) => drop === 'connect')) breakOff(server, session)
      else done()
    },
    onMailFrom(_address, _session, done) {
      const fault = take(({ code, at }) => code !== undefined && at === 'mail')
      done(fault ? reply(fault.code!) : null)
    },
    onRcptTo({ address }, _session, done) {
      const fault = take(
        ({ code, at, to }) => code !== undefined && at === 'rcpt' && (to ?? address) === address,
      )
      done(fault ? reply(fault.code!) : null)
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      beginning = 0
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        beginning += chunk.length
      })
      stream.on('end', () => {
        const fault = take(
          ({ drop, slow, code, at = 'data' }) =>
            drop === 'data' || slow !== undefined || (code !== undefined && at === 'data'),
        )
        const answer = async (): Promise<void> => {
          await settle(Buffer.concat(chunks), session, fault)
          if (fault?.drop === 'data') breakOff(server, session)
          else done(fault?.code === undefined ? null : reply(fault.code))
        }
        void answer()
      })
    },
  })

  const settle = async (
    body: Buffer,
    session: SMTPServerSession,
    fault: MailFault | undefined,
  ): Promise<void> => {
    if (fault?.slow !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.slow))
    if (fault?.code !== undefined) return
    const { mailFrom, rcptTo } = session.envelope
    const mail: ReceivedMail = {
      from: mailFrom ? mailFrom.address : '',
      to: rcptTo.map(({ address }) => address),
      mail: await simpleParser(body),
      raw: body.toString(),
      secure: session.secure,
      user: typeof session.user === 'string' ? session.user : undefined,
    }
    if (fault?.drop === 'data') kept.push(mail)
    else received.push(mail)
    for (const wake of waiting.splice(0)) wake()
  }

  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  const { port } = address
  const scheme = options.tls?.mode === 'smtps' ? 'smtps' : 'smtp'
  const login = options.user ? `${options.user.name}:${options.user.password}@` : ''
  return {
    url: `${scheme}://${login}127.0.0.1:${port}`,
    port,
    received,
    kept,
    get beginning() {
      return beginning
    },
    get connections() {
      return connections
    },
    fail(fault, times = 1) {
      for (let count = 0; count < times; count++) faults.push(fault)
    },
    clear() {
      received.length = 0
      kept.length = 0
      faults.length = 0
      waiting = []
    },
    breakOff() {
      for (const { _socket: socket } of server.connections) socket.destroy()
    },
    async waitFor(count) {
      while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
      return received
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      }),
  }
}
