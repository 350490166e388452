#!/usr/bin/env node
// The command. It is here before anything is built, so that npm finds it when it installs.
import { existsSync } from 'node:fs'

const main = new URL('../dist/cli/main.js', import.meta.url)
if (existsSync(main)) await import(main.href)
else {
  process.stderr.write('Orderly is not built yet: npm run build\n')
  process.exitCode = 1
}
