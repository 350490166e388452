// What is done before the program of the page is there: it sets light or dark before the first paint, so that the page
// does not flash, and asks who is signed in, so that the answer is there when the program is.
const kept = localStorage.getItem('mantine-color-scheme-value')
const isDark =
  kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')

const base = document.querySelector('meta[name="orderly-base"]').content.replace(/^%.*|\/$/, '')
globalThis.orderlySession = fetch(`${base}/api/v1/session`, {
  credentials: 'same-origin',
  headers: { accept: 'application/json, application/problem+json', 'x-orderly': '1' },
}).catch(() => undefined)
