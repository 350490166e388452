// The files that `orderly init` writes, beside a package.json. The quick start explains them, and shows the same.
export const STARTER: Readonly<Record<string, string>> = {
  'refill-check.ts': `import { defineJob, exponential } from 'orderly'
import { z } from 'zod'

export const refillCheck = defineJob({
  name: 'refill-check',
  input: z.object({ medicationId: z.string() }),
  output: z.object({ daysLeft: z.number() }),
  retry: { attempts: 5, backoff: exponential('2s', { max: '10m' }) },
  timeout: '1m',
  priority: 'high',
})
`,
  'program.ts': `import { createOrderly, handle, serve } from 'orderly'
import { refillCheck } from './refill-check.ts'

const checkRefill = handle(refillCheck, async (ctx) => {
  ctx.log.info({ medications: 1 }, 'counting what is left')
  return { daysLeft: 15 }
})

const orderly = await createOrderly({
  home: '.clinic',
  jobs: [refillCheck],
  handlers: [checkRefill],
})
await orderly.start()
const server = await serve(orderly, { port: Number(process.env['PORT'] ?? 4401) })
console.log(\`Make the first user at \${server.setupUrl ?? server.url}\`)
process.once('SIGINT', () => void server.close().then(() => orderly.close()))

const { id } = await orderly.enqueue(refillCheck, { medicationId: 'm-1' })
await orderly.whenIdle()
console.log(await orderly.inspectJob(id))
`,
  'tsconfig.json': `{
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2023", "esnext.disposable"],
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true
  }
}
`,
  '.gitignore': `node_modules/
.clinic/
`,
}
