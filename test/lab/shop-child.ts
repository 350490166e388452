// Works on the jobs of a shop until it is killed: a process of the test of kills.
import { openShop } from './shop.ts'

const [home, smtpUrl] = process.argv.slice(2) as [string, string]
const { orderly } = await openShop({ home, smtpUrl })
await orderly.start()
process.send?.('ready')
