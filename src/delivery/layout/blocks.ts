// The parts of a notice, each as plain text and as rows of a table. Every value is escaped here, so a caller hands in
// plain text; only the words of a message come as bodies that are safe already.

import { type Bodies, directionOf, escapeHtml, linesAsHtml, linkUrl } from './html.ts'

export type Block =
  | { readonly kind: 'title' | 'text' | 'quiet' | 'code'; readonly text: string }
  /** In a row each; `text` says the same as a sentence. */
  | { readonly kind: 'facts'; readonly text: string; readonly rows: readonly (readonly [string, string])[] }
  | { readonly kind: 'items'; readonly items: readonly string[] }
  /** `text` leads to the link in plain text; it ends without a colon. */
  | { readonly kind: 'button'; readonly label: string; readonly text: string; readonly url: string }
  | { readonly kind: 'files'; readonly label: string; readonly files: readonly FileLink[]; readonly more: string }
  /** What was written, under who wrote it and what is known of them. */
  | { readonly kind: 'message'; readonly who: string; readonly remark: string; readonly words: Bodies }

interface FileLink {
  readonly name: string
  readonly url: string
}

/** Colours that the page of the card needs too. */
export interface Accent {
  readonly color: string
  /** On the colour: black or white, whichever is easier to read. */
  readonly ink: string
}

const titleStyle = 'margin:0;font-size:19px;line-height:26px;font-weight:600'
const textStyle = 'margin:0;font-size:15px;line-height:23px'
const quietStyle = 'margin:0;font-size:13px;line-height:20px;color:#62666d'

/** Safe HTML, without the space around it. Never throws. */
export function blockHtml(block: Block, accent: Accent): string {
  switch (block.kind) {
    case 'title':
      return `<h1 class="ink" style="${titleStyle}">${linesAsHtml(block.text)}</h1>`
    case 'text':
      return `<p style="${textStyle}">${linesAsHtml(block.text)}</p>`
    case 'quiet':
      return `<p class="quiet" style="${quietStyle}">${linesAsHtml(block.text)}</p>`
    case 'code':
      return codeHtml(block.text)
    case 'facts':
      return factsHtml(block.rows)
    case 'items':
      return block.items.map((item) => `<p style="${textStyle};padding:6px 0">${escapeHtml(item)}</p>`).join('\n')
    case 'button':
      return buttonHtml(block, accent)
    case 'files':
      return filesHtml(block)
    case 'message':
      return messageHtml(block)
  }
}

function codeHtml(text: string): string {
  return (
    '<p class="well" style="margin:0;padding:16px;background-color:#f4f5f7;border-radius:6px;text-align:center;' +
    'font-family:ui-monospace,Menlo,Consolas,monospace;font-size:26px;line-height:32px;letter-spacing:4px;' +
    `font-weight:600">${escapeHtml(text)}</p>`
  )
}

function factsHtml(rows: readonly (readonly [string, string])[]): string {
  const cells = rows.map(
    ([name, value]) =>
      `<tr><td class="quiet" valign="top" style="padding:3px 20px 3px 0;font-size:13px;line-height:20px;` +
      `color:#62666d;white-space:nowrap">${escapeHtml(name)}</td>` +
      `<td valign="top" style="padding:3px 0;font-size:13px;line-height:20px;word-break:break-word">` +
      `${escapeHtml(value)}</td></tr>`,
  )
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0">${cells.join('')}</table>`
}

// A table cell with a background: Word pads no link, and colours a cell.
function buttonHtml({ label, url }: Block & { readonly kind: 'button' }, { color, ink }: Accent): string {
  const href = linkUrl(url)
  if (href === null) return ''
  return (
    '<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>' +
    `<td bgcolor="${color}" style="border-radius:6px;background-color:${color}">` +
    `<a href="${escapeHtml(href)}" style="display:inline-block;padding:10px 18px;font-size:14px;line-height:20px;` +
    `font-weight:600;color:${ink};text-decoration:none;mso-padding-alt:0;border-radius:6px">` +
    `<!--[if mso]>&nbsp;&nbsp;&nbsp;<![endif]-->${escapeHtml(label)}<!--[if mso]>&nbsp;&nbsp;&nbsp;<![endif]-->` +
    '</a></td></tr></table>'
  )
}

function filesHtml({ label, files, more }: Block & { readonly kind: 'files' }): string {
  const links = files.map(({ name, url }) => {
    const href = linkUrl(url)
    return href === null ? escapeHtml(name) : `<a class="link" href="${escapeHtml(href)}">${escapeHtml(name)}</a>`
  })
  const lines = [...links, ...(more === '' ? [] : [escapeHtml(more)])]
  return `<p class="quiet" style="${quietStyle}">${escapeHtml(label)}<br>\n${lines.join('<br>\n')}</p>`
}

function messageHtml({ who, remark, words }: Block & { readonly kind: 'message' }): string {
  return (
    (who === '' ? '' : `<p style="margin:0;font-size:14px;line-height:21px;font-weight:600">${escapeHtml(who)}</p>`) +
    (remark === '' ? '' : `<p class="quiet" style="${quietStyle}">${escapeHtml(remark)}</p>`) +
    `<div class="words" dir="${directionOf(words.text)}" style="margin-top:10px;font-size:15px;line-height:23px;` +
    `word-break:break-word">${words.html}</div>`
  )
}

// "Ann wrote. The sender is verified.", "Ann · 1 December 2026"
function messageText({ who, remark, words }: Block & { readonly kind: 'message' }): string {
  const between = /[.。]$/.test(who) ? ' ' : ' · '
  const byline = [who, remark].filter((part) => part !== '').join(between)
  return byline === '' ? words.text : `${byline}\n\n---\n\n${words.text}`
}

/** The same as plain text. Never throws. */
export function blockText(block: Block): string {
  switch (block.kind) {
    case 'items':
      return block.items.map((item) => `- ${item}`).join('\n')
    case 'button':
      return `${block.text === '' ? '' : `${block.text}: `}${block.url}`
    case 'files':
      return [
        block.label,
        '',
        ...block.files.map(({ name, url }) => `- ${name}: ${url}`),
        ...(block.more === '' ? [] : [`- ${block.more}`]),
      ].join('\n')
    case 'message':
      return messageText(block)
    default:
      return block.text
  }
}
