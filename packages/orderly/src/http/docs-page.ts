// The pages that show the operations to people: made from the contract, without script and without anything from outside.
import type { ApiOperation } from './contract.ts'
import type { JsonSchema } from './schemas.ts'
import { schemasOf } from './schemas.ts'

export const DOCS_STYLE: string = `:root { color-scheme: light dark; --line: light-dark(#dde2e3, #30393d); --quiet: light-dark(#566266, #9dabaf);
  --ground: light-dark(#fff, #14181a); --text: light-dark(#1a2123, #e6ecee); --accent: light-dark(#00696b, #5cc8c4); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
.frame { display: grid; grid-template-columns: minmax(12rem, 18rem) 1fr; max-width: 90rem; margin: 0 auto; }
nav { position: sticky; top: 0; max-height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); font-size: .9rem; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; }
nav h2 { font-size: .85rem; margin: 0; color: var(--quiet); }
main { padding: 1rem 1.5rem; min-width: 0; }
a { color: var(--accent); }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
h1 { font-size: 1.5rem; } h3 { font-size: 1.05rem; margin: 0 0 .3rem; }
code, pre { font: .85rem/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid var(--line); border-radius: .3rem; max-height: 24rem; }
.method { font-weight: 700; } .quiet { color: var(--quiet); margin: .2rem 0; }
@media (max-width: 45rem) { .frame { display: block; } nav { position: static; max-height: 14rem; } }
`

/** The page of all operations. */
export function docsPage(operations: readonly ApiOperation[], prefix: string): string {
  const schemas = schemasOf(operations)
  const areas = new Map<string, ApiOperation[]>()
  for (const operation of operations) {
    const area = operation.id.split('.')[0]!
    areas.set(area, [...(areas.get(area) ?? []), operation])
  }
  const menu = [...areas].map(
    ([area, own]) =>
      `<h2>${text(area)}</h2><ul>${own.map(({ id }) => `<li><a href="#${text(id)}">${text(id)}</a></li>`).join('')}</ul>`,
  )
  const sections = operations.map((operation) => {
    const own = schemas.of.get(operation)!
    const { id, method, path, summary, description, permission, audit, phi, examples } = operation
    const aliases = (operation.aliases ?? []).map(
      (alias) =>
        `<li><code>${alias.method} ${text(alias.path)}</code> ${text(alias.note)}${alias.compatibility ? ' (off unless switched on)' : ''}</li>`,
    )
    return `<section id="${text(id)}"><h3>${text(summary)}</h3>
<p><code><span class="method">${method}</span> ${text(path)}</code></p>
${description ? `<p>${text(description)}</p>` : ''}
<p class="quiet"><code>${text(id)}</code> · permission <code>${text(permission)}</code> · audit ${audit}${phi ? ' · may carry PHI' : ''}</p>
${aliases.length > 0 ? `<p class="quiet">Aliases:</p><ul>${aliases.join('')}</ul>` : ''}
${part('Query', own.query)}${part('Body', own.body)}${part('Answer', own.response)}
<details><summary>Example</summary><pre>${text(JSON.stringify(examples[0], null, 2))}</pre></details></section>`
  })
  const named = Object.entries(schemas.named).map(
    ([name, schema]) =>
      `<section id="schema-${text(name)}"><h3>${text(name)}</h3>${shown(schema)}</section>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Orderly: the API</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${text(prefix)}/docs.css"></head>
<body><div class="frame"><nav aria-label="Operations">${menu.join('')}<h2>schemas</h2></nav>
<main><h1>The API</h1><p>As a document of OpenAPI 3.1: <a href="${text(prefix)}/openapi.json">openapi.json</a>.</p>
${sections.join('\n')}
<h2>Schemas</h2>
${named.join('\n')}</main></div></body></html>
`
}

function part(title: string, schema: JsonSchema | undefined): string {
  return schema ? `<details><summary>${title}</summary>${shown(schema)}</details>` : ''
}

/** A schema with links to those it names. */
function shown(schema: JsonSchema): string {
  const json = text(JSON.stringify(schema, null, 2))
  return `<pre>${json.replaceAll(
    /#\/components\/schemas\/(\w+)/g,
    (whole, name: string) => `<a href="#schema-${name}">${whole}</a>`,
  )}</pre>`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!)
}
