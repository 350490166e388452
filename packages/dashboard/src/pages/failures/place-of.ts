// Where something was thrown, in short: the function and the file with its line, without the folders.

/** `at send (lib/mail/send.ts:42:11)` is `send, send.ts:42`; what has another form stays as it is. */
export function placeOf(frame: string): string {
  const [, name, file, line] =
    /^at (?:(?:async )?(.+?) \()?(?:[^()]*[\\/])?([^()\\/]+?):(\d+):\d+\)?$/.exec(frame) ?? []
  if (file === undefined) return frame
  const whose = name?.replace(/^Object\./, '')
  return [...(whose ? [whose] : []), `${file}:${line}`].join(', ')
}
