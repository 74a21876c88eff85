// What an agent wrote, as the two bodies of a mail: the words themselves, and their Markdown as HTML. Raw HTML in it is shown, never run.

import MarkdownIt from 'markdown-it'

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true })

/** Plain text and HTML with the same words. Never throws. */
export function renderBodies(content: string, links: readonly { readonly name: string; readonly url: string }[]): { text: string; html: string } {
  const list = links.length === 0 ? '' : `\n\nAttachments:\n${links.map(({ name, url }) => `${name}: ${url}`).join('\n')}`
  const source = `${content}${list}`
  return { text: source, html: `<!doctype html><html><body>${markdown.render(source)}</body></html>` }
}
