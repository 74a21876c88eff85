// The letter: an answer of a person to a customer. It looks like a mail that was typed in a mail client: the words, the
// signature, and the mail that is answered below. No card, no colours, no preheader: an inbox shows its first words.

import { fonts, htmlDocument } from './document.ts'
import { type Bodies, directionOf, escapeHtml, linesAsHtml, linkUrl } from './html.ts'

export interface Letter {
  readonly language: string
  readonly words: Bodies
  /** Files that are too large to travel with the mail. */
  readonly links?: { readonly label: string; readonly files: readonly FileLink[] } | undefined
  readonly signature?: Bodies | null
  readonly quotation?: Bodies | null
  /** Said by the service, below all else. */
  readonly remarks?: readonly Bodies[]
}

export interface FileLink {
  readonly name: string
  readonly url: string
}

const css = [
  'p{margin:0 0 1em}',
  '.letter>p:last-child{margin-bottom:0}',
  'blockquote p:last-child{margin-bottom:0}',
  'pre{white-space:pre-wrap;overflow-wrap:anywhere}',
  '@media (prefers-color-scheme:dark){.quiet{color:#9a9ea6!important}.rule{border-color:#44474d!important}}',
].join('\n')

/** Both bodies of the mail. Never throws. */
export function renderLetter({ language, words, links, signature, quotation, remarks = [] }: Letter): Bodies {
  const direction = directionOf(words.text)
  const parts = [
    { text: words.text, html: `<div class="letter" dir="${direction}">${words.html}</div>` },
    fileList(links),
    signature === null || signature === undefined ? null : signaturePart(signature),
    quotation ?? null,
    ...remarks.map(remarkPart),
  ].filter((part) => part !== null)
  return {
    text: parts
      .map(({ text }) => text)
      .filter((text) => text !== '')
      .join('\n\n'),
    html: htmlDocument({
      language,
      direction,
      title: '',
      css,
      bodyStyle: `margin:0;padding:8px 4px;font-family:${fonts};font-size:15px;line-height:1.5`,
      body: `<div style="max-width:640px">\n${parts.map(({ html }) => html).join('\n')}\n</div>`,
    }),
  }
}

function signaturePart({ text, html }: Bodies): Bodies {
  const direction = directionOf(text)
  return {
    text: text === '' ? '' : `-- \n${text}`,
    html: `<div class="signature" dir="${direction}" style="margin-top:1.6em">${html}</div>`,
  }
}

function remarkPart({ text, html }: Bodies): Bodies {
  return {
    text: `---\n\n${text}`,
    html:
      '<div class="quiet rule" style="margin-top:24px;padding-top:12px;border-top:1px solid #d8dadf;' +
      `font-size:13px;line-height:20px;color:#6b6f76">${html}</div>`,
  }
}

function fileList(links: Letter['links']): Bodies | null {
  if (links === undefined || links.files.length === 0) return null
  const { label, files } = links
  return {
    text: `${label}\n${files.map(({ name, url }) => `${name}: ${url}`).join('\n')}`,
    html: `<p>${escapeHtml(label)}<br>\n${files.map(linkHtml).join('<br>\n')}</p>`,
  }
}

/** A link that is named by the name of its file. Never throws. */
function linkHtml({ name, url }: FileLink): string {
  const href = linkUrl(url)
  return href === null ? escapeHtml(name) : `<a href="${escapeHtml(href)}">${escapeHtml(name)}</a>`
}

/** Plain sentences, and perhaps a link at their end, as text and HTML. Never throws. */
export function remark(sentences: readonly string[], link?: { readonly label: string; readonly url: string }): Bodies {
  const href = link === undefined ? null : linkUrl(link.url)
  return {
    text: [...sentences.slice(0, 1), ...(link === undefined ? [] : [link.url]), ...sentences.slice(1)].join('\n\n'),
    html: [
      ...sentences.slice(0, 1).map(linesAsHtml),
      ...(href === null || link === undefined ? [] : [`<a href="${escapeHtml(href)}">${escapeHtml(link.label)}</a>`]),
      ...sentences.slice(1).map(linesAsHtml),
    ].join('<br>\n'),
  }
}
