// The server that bench/api.mjs asks: an instance that works on the jobs it is given, in a process of its own.
import { openWorld } from '../test/http/world.ts'

const MEBIBYTE = 1_048_576
const world = await openWorld({ api: { rate: { limit: 1_000_000, per: 1_000 } } })
await world.orderly.start()
await world.app.listen({ port: 0, host: '127.0.0.1' })
process.send({ url: `http://127.0.0.1:${world.app.server.address().port}` })
const timer = setInterval(() => {
  // What it logs is not what is measured.
  world.lines.length = 0
  world.entries.length = 0
  process.send({ rss: Math.round(process.memoryUsage.rss() / MEBIBYTE) })
}, 1_000)
process.on('message', () => {
  clearInterval(timer)
  void world.close().then(() => process.exit(0))
})
