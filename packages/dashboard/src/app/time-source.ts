// The one place of the dashboard that asks for the time or waits for it.

export function now(): number {
  return Date.now()
}

/** Runs `work` once after `ms`. @returns what stops it */
export function after(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms)
  return () => clearTimeout(timer)
}

/** Runs `work` every `ms`. @returns what stops it */
export function every(ms: number, work: () => void): () => void {
  const timer = setInterval(work, ms)
  return () => clearInterval(timer)
}
