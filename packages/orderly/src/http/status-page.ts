// The plain status page: markup, style and the script that keeps it fresh. No outside font, script or image.

export const STATUS_PAGE: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Orderly</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/status.css">
</head>
<body>
<header><h1>Orderly</h1><p id="live" role="status">Loading …</p></header>
<main>
<section aria-labelledby="queues-title"><h2 id="queues-title">Queues</h2><div id="queues"></div></section>
<div id="panels"></div>
<section aria-labelledby="jobs-title"><h2 id="jobs-title">Newest jobs</h2><div id="jobs"></div></section>
</main>
<noscript><p>This page needs JavaScript; the same facts are at <a href="/api/v1/status">/api/v1/status</a>.</p></noscript>
<script type="module" src="/status.js"></script>
</body>
</html>
`

export const STATUS_STYLE: string = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f7f8f8, #14181a); --surface: light-dark(#fff, #1c2225); --line: light-dark(#dde2e3, #30393d);
  --text: light-dark(#1a2123, #e6ecee); --quiet: light-dark(#566266, #9dabaf); --accent: light-dark(#00696b, #5cc8c4);
  --good: light-dark(#1a6b35, #78cf93); --bad: light-dark(#ab2323, #ff9a93); --warn: light-dark(#855600, #f0bc62);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
header, main { max-width: 78rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; padding-top: 1.25rem; }
h1 { margin: 0; font-size: 1.35rem; color: var(--accent); }
h2 { margin: 0 0 .6rem; font-size: 1rem; }
#live { margin: 0; color: var(--quiet); }
#live.lost { color: var(--bad); font-weight: 600; }
section { margin: 1.25rem 0; padding: 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: .5rem; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .35rem .7rem .35rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--quiet); font-weight: 600; font-size: .85rem; white-space: nowrap; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.name { overflow-wrap: anywhere; min-width: 12rem; }
.state { white-space: nowrap; font-weight: 600; }
.completed, .loaded { color: var(--good); } .failed { color: var(--bad); }
.quarantined, .delayed { color: var(--warn); } .active, .reading, .updating { color: var(--accent); }
.empty { margin: 0; color: var(--quiet); }
`

export const STATUS_SCRIPT: string = `const STATES = ['waiting', 'prioritized', 'delayed', 'waiting-children', 'active', 'completed', 'failed']
const REFRESH_MS = 1500
const live = document.getElementById('live')
let shown = ''
let seen = null

function element(tag, attributes, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value)
  node.append(...children)
  return node
}

function table(caption, columns, rows, empty) {
  if (rows.length === 0) return element('p', { class: 'empty' }, empty)
  const numeric = columns.map((_, index) => rows.every((row) => row[index] === null || typeof row[index] === 'number'))
  const kind = (index) => (columns[index] === 'state' ? 'state' : numeric[index] ? 'number' : index === 0 ? 'name' : 'text')
  const head = columns.map((column, index) => element('th', { scope: 'col', class: kind(index) }, column))
  const body = rows.map((row) => element('tr', {}, ...row.map((cell, index) => {
    const classes = kind(index) === 'state' ? 'state ' + cell : kind(index)
    const text = cell === null ? '–' : typeof cell === 'number' ? cell.toLocaleString() : cell
    return element('td', { class: classes }, text)
  })))
  return element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body)))
}

function show(status) {
  const queues = status.queues.map((queue) => [queue.name + (queue.paused ? ' (paused)' : ''), ...STATES.map((state) => queue.counts[state])])
  document.getElementById('queues').replaceChildren(table('Queues', ['queue', ...STATES], queues, 'No queue yet.'))
  const jobs = status.jobs.map((job) => [job.name, job.state, progress(job), duration(job), job.failedReason, job.id])
  document.getElementById('jobs').replaceChildren(table('Newest jobs', ['job', 'state', 'progress', 'took', 'why it failed', 'id'], jobs, 'No job yet.'))
  document.getElementById('panels').replaceChildren(...status.panels.map((panel) =>
    element('section', {}, element('h2', {}, panel.title), table(panel.title, panel.columns, panel.rows, 'Nothing here yet.'))))
}

function progress(job) {
  if (job.state !== 'active' || !job.progress) return null
  return Math.floor(job.progress.share * 100) + ' %' + (job.progress.step ? ', ' + job.progress.step : '')
}

function duration(job) {
  if (!job.startedAt || !job.finishedAt) return null
  const ms = job.finishedAt - job.startedAt
  return ms < 1000 ? ms + ' ms' : (ms / 1000).toFixed(1) + ' s'
}

async function refresh() {
  try {
    const response = await fetch('/api/v1/status')
    if (!response.ok) throw new Error('status ' + response.status)
    const text = await response.text()
    // Replacing what has not changed would throw away a reader's selection and focus.
    if (text !== shown) show(JSON.parse(text))
    shown = text
    seen = new Date()
    live.className = ''
    live.textContent = 'Live'
  } catch {
    live.className = 'lost'
    live.textContent = seen ? 'No answer since ' + seen.toLocaleTimeString() + '; is Orderly still running?' : 'Orderly does not answer.'
  }
  setTimeout(refresh, REFRESH_MS)
}
refresh()
`
