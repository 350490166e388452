// Sets light or dark before the first paint, so that the page does not flash. The rest of the program keeps it.
const kept = localStorage.getItem('mantine-color-scheme-value')
const isDark =
  kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
