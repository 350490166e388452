// `orderly init`: a project of one's own, with a job, its handler, and a program that serves the dashboard.
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { basename, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { OrderlyError } from '../primitives/errors.ts'
import { print } from './print.ts'

const PACKAGE = realpathSync(fileURLToPath(new URL('../..', import.meta.url)))
/** npm leaves a `.gitignore` out of packages. */
const FILES = {
  'refill-check.ts': 'refill-check.ts',
  'program.ts': 'program.ts',
  'tsconfig.json': 'tsconfig.json',
  '.gitignore': 'gitignore',
}
const NAMES = ['package.json', ...Object.keys(FILES)]

export function initCommand(): Command {
  return new Command('init')
    .argument('<folder>', 'where to; it is made, and no file that is there is touched')
    .action(async (given: string) => {
      const folder = resolve(given)
      const there = NAMES.filter((name) => existsSync(join(folder, name)))
      if (there.length > 0)
        throw new OrderlyError(
          'ORDERLY_INPUT_INVALID',
          `${given} has ${there.join(', ')} already; nothing was written: name another folder`,
        )
      try {
        mkdirSync(folder, { recursive: true })
        const manifest = manifestFor(realpathSync(folder))
        writeFileSync(join(folder, 'package.json'), manifest, { flag: 'wx' })
        for (const [name, source] of Object.entries(FILES))
          copyFileSync(
            join(PACKAGE, 'starter', source),
            join(folder, name),
            constants.COPYFILE_EXCL,
          )
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException
        const why = code === undefined ? '' : ` (${code})`
        throw new OrderlyError('ORDERLY_INPUT_INVALID', `${given} cannot be written${why}`, {
          cause,
        })
      }
      await print(
        [
          `In ${given}: ${NAMES.join(', ')}`,
          '',
          `  cd ${quoted(given)}`,
          '  npm install',
          '  npm start',
          '',
        ].join('\n'),
      )
    })
}

function manifestFor(folder: string): string {
  const { version, dependencies } = JSON.parse(
    readFileSync(join(PACKAGE, 'package.json'), 'utf8'),
  ) as { version: string; dependencies: { zod: string } }
  const isInstalled = PACKAGE.split(sep).includes('node_modules')
  const path = relative(folder, PACKAGE).replaceAll(sep, '/')
  const manifest = {
    name: nameFrom(basename(folder)),
    private: true,
    type: 'module',
    scripts: { start: 'tsx program.ts', check: 'tsc' },
    dependencies: {
      orderly: isInstalled ? `^${version}` : `file:${path}`,
      zod: `^${dependencies.zod}`,
    },
    devDependencies: { '@types/node': '^20', tsx: '^4', typescript: '^5' },
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** What npm takes for the name of a package. */
function nameFrom(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
  return name === '' ? 'jobs' : name
}

/** For a shell, where it needs it. */
function quoted(text: string): string {
  return /^[\w./~-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
