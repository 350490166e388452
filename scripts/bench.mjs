// `npm run bench -- NAME`: makes the project ready and runs one benchmark of the bench folder.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, say, setUp } from './setup.mjs'

setUp()
const folder = join(root, 'bench')
const [name, ...args] = process.argv.slice(2)
const program = join(folder, `${name}.mjs`)
if (!name || !existsSync(program)) {
  const names = readdirSync(folder).flatMap((file) =>
    file.endsWith('.mjs') ? [file.slice(0, -4)] : [],
  )
  say(
    `Say which benchmark: npm run bench -- ${names.filter((each) => !each.startsWith('_')).join(' | ')}`,
  )
  process.exit(1)
}
const { bench } = await import(pathToFileURL(program).href)
await bench(args)
