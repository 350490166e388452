// What `orderly medication` can do.
export { commands } from './cli/commands.ts'
