// Keeps some of many measurements, each as likely as any other: all of them would grow like a leak.
const SAMPLES = 20_000

export function sampler() {
  const kept = new Float64Array(SAMPLES)
  let count = 0
  return {
    add(value) {
      const place = count < SAMPLES ? count : Math.floor(Math.random() * (count + 1))
      if (place < SAMPLES) kept[place] = value
      count++
    },
    summary() {
      const sorted = kept.subarray(0, Math.min(count, SAMPLES)).toSorted()
      const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
      return { p50: at(0.5), p95: at(0.95), p99: at(0.99), count }
    },
  }
}
