// The notice: mail of the service itself. A card with the name of the inbox or account above it and its colour as a
// thin line; sections are divided by a rule. The preheader is what an inbox shows beside the subject.

import { type Accent, type Block, blockHtml, blockText } from './blocks.ts'
import { fonts, htmlDocument } from './document.ts'
import { type Bodies, escapeHtml, linkUrl } from './html.ts'

export interface Card {
  readonly language: string
  /** Above the card. */
  readonly from: string
  /** `#rrggbb`; null for the usual one. */
  readonly color: string | null
  readonly preheader: string
  /** A line on top, which cuts the notice off an answer that quotes it. */
  readonly above?: string
  /** Sections of blocks. */
  readonly sections: readonly (readonly Block[])[]
  /** Below the card, with a link. */
  readonly footer?: { readonly text: string; readonly label: string; readonly url: string } | undefined
}

const usualColor = '#3f5bd9'

const css = [
  '.link,.words a{color:#2f4bc7}',
  '.words p{margin:0 0 1em}',
  '.words p:last-child{margin-bottom:0}',
  '.words pre{white-space:pre-wrap}',
  '@media (max-width:480px){.page{padding:12px 8px!important}.card{padding:20px 18px!important}}',
  '@media (prefers-color-scheme:dark){',
  'body,.page{background-color:#111215!important}',
  '.card{background-color:#1c1d21!important;border-color:#303237!important}',
  '.card,.ink,.card td,.card p,.card div{color:#ececee}',
  '.quiet,.card .quiet,.from{color:#a3a7ae!important}',
  '.well{background-color:#2a2c31!important}',
  '.rule{border-color:#303237!important}',
  '.link,.words a,.foot a{color:#9db1ff!important}',
  '}',
].join('\n')

/**
 * Both bodies of the mail. The frame runs from left to right as the languages of the catalogue do; each message has its
 * own direction. Never throws.
 */
export function renderCard({ language, from, color, preheader, above, sections, footer }: Card): Bodies {
  const accent = accentOf(color)
  const cards = sections.filter((blocks) => blocks.length > 0)
  const words = cards.map((blocks) => blocks.map(blockText).join('\n\n'))
  const below = footer === undefined ? [] : [`${footer.text} ${footer.label}: ${footer.url}`]
  return {
    text: [...dividerText(above), [...words, ...below].join('\n\n---\n\n')].join('\n\n'),
    html: htmlDocument({
      language,
      direction: 'ltr',
      title: from,
      css,
      bodyStyle: `margin:0;padding:0;background-color:#f4f5f7;font-family:${fonts};color:#1d1f23`,
      body: pageHtml({ from, accent, preheader, above, footer, cards }),
    }),
  }
}

interface Page extends Pick<Card, 'from' | 'preheader' | 'footer'> {
  readonly above: string | undefined
  readonly accent: Accent
  readonly cards: readonly (readonly Block[])[]
}

const table = 'role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'

function pageHtml({ from, accent, preheader, above, footer, cards }: Page): string {
  return `${preheaderHtml(preheader)}
<table ${table} bgcolor="#f4f5f7" class="page" style="background-color:#f4f5f7;padding:28px 12px">
<tr><td align="center">
<!--[if mso]><table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
<table ${table} align="center" style="max-width:600px;margin:0 auto;text-align:left">
${dividerHtml(above)}
<tr><td class="from" style="padding:0 2px 12px;font-size:13px;line-height:20px;font-weight:600;color:#62666d">
${escapeHtml(from)}</td></tr>
<tr><td height="3" bgcolor="${accent.color}" style="height:3px;font-size:0;line-height:0;
background-color:${accent.color};border-radius:8px 8px 0 0">&nbsp;</td></tr>
<tr><td class="card" bgcolor="#ffffff" style="padding:26px 32px 30px;background-color:#ffffff;border:1px solid #e3e5e9;
border-top:0;border-radius:0 0 8px 8px">
${cards.map((blocks, at) => sectionHtml(blocks, at === 0, accent)).join('\n')}
</td></tr>
${footerHtml(footer)}</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>`
}

const divider = (above: string): string => `--- ${above} ---`

const dividerText = (above: string | undefined): string[] => (above === undefined ? [] : [divider(above)])

function dividerHtml(above: string | undefined): string {
  if (above === undefined) return ''
  return (
    '<tr><td class="quiet" align="center" style="padding:0 2px 14px;font-size:11px;line-height:16px;color:#62666d">' +
    `${escapeHtml(divider(above))}</td></tr>`
  )
}

function sectionHtml(blocks: readonly Block[], isFirst: boolean, accent: Accent): string {
  const top = isFirst ? '' : '<tr><td height="22" style="height:22px;font-size:0;line-height:0">&nbsp;</td></tr>\n'
  const [head = '', ...rows] = blocks.map((block) => blockHtml(block, accent))
  const first = isFirst
    ? `<tr><td>${head}</td></tr>`
    : `<tr><td class="rule" style="border-top:1px solid #e3e5e9;padding:22px 0 0">${head}</td></tr>`
  const others = rows.map((html) => `<tr><td style="padding:14px 0 0">${html}</td></tr>`)
  return `<table ${table}>${top}${[first, ...others].join('\n')}</table>`
}

function footerHtml(footer: Card['footer']): string {
  const href = footer === undefined ? null : linkUrl(footer.url)
  if (footer === undefined || href === null) return ''
  return (
    '<tr><td class="quiet foot" style="padding:16px 2px 0;font-size:12px;line-height:18px;color:#62666d">' +
    `${escapeHtml(footer.text)} <a href="${escapeHtml(href)}" style="color:#62666d">${escapeHtml(footer.label)}</a>` +
    '</td></tr>\n'
  )
}

// Shown beside the subject in a list of mails, and nowhere else; the blanks keep further words out of that line.
function preheaderHtml(preheader: string): string {
  const line = preheader.replace(/\s+/g, ' ').trim().slice(0, 140).toWellFormed()
  return (
    '<div style="display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all;font-size:1px;' +
    `line-height:1px;color:#f4f5f7">${escapeHtml(line)}${'&#8199;&#65279;&#847; '.repeat(30)}</div>`
  )
}

/** The colour, and what can be read on it (WCAG 2 contrast). Never throws. */
export function accentOf(color: string | null): Accent {
  const known = color !== null && /^#[0-9a-f]{6}$/i.test(color) ? color.toLowerCase() : usualColor
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => linear(parseInt(known.slice(at, at + 2), 16) / 255))
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return { color: known, ink: 1.05 / (luminance + 0.05) >= 4.5 ? '#ffffff' : '#111111' }
}

const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
