// What is asked of and answered by settings. Made from the operations of the API by test/http/client.test.ts; not written by hand.
import type { Settings } from '../schemas/settings.ts'
export interface SettingsApi {
  /** What the installation was opened with, without passwords and keys. */
  'settings.get': { request: {}; response: Settings }
}
