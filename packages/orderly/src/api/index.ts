// What programs and pages import as `orderly/api`: the client and the types of every request and answer.
export {
  ApiProblem,
  createClient,
  type ApiAnswer,
  type ApiClient,
  type ApiProblemDocument,
  type CallOptions,
  type ClientOptions,
  type OperationId,
} from './client.ts'
export type { Api } from './operations.ts'
export { ROUTES } from './routes.ts'
export type * from './schemas/index.ts'
