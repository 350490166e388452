// `npm start`: makes the project ready and runs the hospital price example.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, setUp } from './setup.mjs'

setUp()
// In this process, not in a child: signals then reach the program itself, and its exit code is ours.
await import(pathToFileURL(join(root, 'examples/hospital-prices/dist/main.js')).href)
