// Where this page is served: the path everything is below, and the nonce its style elements carry.

function meta(name: string): string {
  const value = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''
  return value.startsWith('%') ? '' : value
}

/** The path the server is mounted at, without the slash at its end; empty at the root. */
export const BASE: string = meta('orderly-base').replace(/\/$/, '')
export const NONCE: string = meta('orderly-nonce')
