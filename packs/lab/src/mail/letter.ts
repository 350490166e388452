// A mail as data, written as HTML and as plain text from the same blocks.
import type { MailAttachment } from 'orderly'

export type Block =
  | { readonly block: 'heading'; readonly text: string }
  | { readonly block: 'text'; readonly text: string }
  | {
      readonly block: 'facts'
      readonly facts: readonly (readonly [label: string, value: string])[]
    }
  | { readonly block: 'list'; readonly items: readonly string[] }
  | { readonly block: 'button'; readonly label: string; readonly href: string }

export interface Letter {
  /** No PHI: subjects show on lock screens and in logs of servers. */
  readonly subject: string
  /** What lists show beside the subject. No PHI either. */
  readonly preview: string
  readonly greeting: string
  readonly blocks: readonly Block[]
  /** Who it is from, at its end. */
  readonly sender: string
  /** Where the reader says that they want no more of this; for what they did not cause themselves. */
  readonly unsubscribe?: string
  /** Files that go with it; what holds PHI or is large is a link among the blocks instead. */
  readonly attachments?: readonly MailAttachment[]
}

const LONGEST_SUBJECT = 150

/** A subject in one line, without what would turn its direction around. */
export function subjectOf({ subject }: Letter): string {
  const line = subject.replaceAll(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ').trim()
  return line.length <= LONGEST_SUBJECT ? line : `${line.slice(0, LONGEST_SUBJECT - 1)}…`
}

export function textOf(letter: Letter): string {
  const parts = letter.blocks.map((block) => {
    switch (block.block) {
      case 'heading':
      case 'text':
        return block.text
      case 'facts':
        return block.facts.map(([label, value]) => `${label}: ${value}`).join('\n')
      case 'list':
        return block.items.map((item) => `- ${item}`).join('\n')
      case 'button':
        return `${block.label}: ${linkOf(block.href)}`
    }
  })
  const end =
    letter.unsubscribe === undefined ? [] : [`No more of these: ${linkOf(letter.unsubscribe)}`]
  return `${[letter.greeting, ...parts, letter.sender, ...end].join('\n\n')}\n`
}

/** Tables and inline styles, as mail programs need them; readable in dark and light, left to right and right to left. */
export function htmlOf(letter: Letter): string {
  const rows = letter.blocks.map((block) => row(blockHtml(block)))
  const foot =
    letter.unsubscribe === undefined
      ? ''
      : row(`<a href="${escape(linkOf(letter.unsubscribe))}" style="${QUIET}">No more of these</a>`)
  return `<!doctype html>
<html lang="en" dir="auto"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>${escape(subjectOf(letter))}</title></head>
<body style="margin:0;padding:16px;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5">
<div style="display:none">${escape(letter.preview)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="100%" style="max-width:600px" cellpadding="0" cellspacing="0">
${row(escape(letter.greeting))}${rows.join('')}${row(escape(letter.sender))}${foot}
</table></td></tr></table></body></html>
`
}

const QUIET = 'color:#767676;font-size:13px'

function row(html: string): string {
  return `<tr><td dir="auto" style="padding:8px 0;overflow-wrap:anywhere">${html}</td></tr>\n`
}

function blockHtml(block: Block): string {
  switch (block.block) {
    case 'heading':
      return `<strong>${escape(block.text)}</strong>`
    case 'text':
      return escape(block.text).replaceAll('\n', '<br>')
    case 'facts':
      return `<table cellpadding="0" cellspacing="0">${block.facts
        .map(
          ([label, value]) =>
            `<tr><td style="padding:2px 16px 2px 0;${QUIET}">${escape(label)}</td><td dir="auto">${escape(value)}</td></tr>`,
        )
        .join('')}</table>`
    case 'list':
      return `<ul>${block.items.map((item) => `<li dir="auto">${escape(item)}</li>`).join('')}</ul>`
    case 'button':
      return `<a href="${escape(linkOf(block.href))}" style="display:inline-block;padding:10px 18px;border:2px solid #1c6b8a;border-radius:6px;color:#1c6b8a;text-decoration:none;font-weight:600">${escape(block.label)}</a>`
  }
}

const MARKS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (mark) => MARKS[mark]!).replaceAll(/\p{Bidi_Control}/gu, '')
}

/** @throws RangeError for what is no web address */
function linkOf(href: string): string {
  if (isLinkable(href)) return new URL(href).href
  throw new RangeError('a link in a mail is an https address')
}

/** Whether a mail may link to an address: over https, or on the same machine. */
export function isLinkable(href: string): boolean {
  const url = URL.canParse(href) ? new URL(href) : undefined
  return (
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+)$/.test(url.hostname))
  )
}
