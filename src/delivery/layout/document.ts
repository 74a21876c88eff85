// The frame of every HTML mail: language, direction, character set, dark mode, and what Outlook's Word engine needs to
// be told separately (it knows no max-width, and falls back to Times). No script, no font and no picture is fetched.

import { escapeHtml } from './html.ts'

interface Frame {
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  readonly title: string
  /** Rules beside those of every mail; they only improve what the inline styles already do. */
  readonly css: string
  /** Safe HTML. */
  readonly body: string
  readonly bodyStyle: string
}

/** The fonts of the reader's system; Word takes the first that it knows. */
export const fonts =
  "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Noto Sans','Hiragino Sans',sans-serif"

const css = [
  ':root{color-scheme:light dark;supported-color-schemes:light dark}',
  'body{-webkit-text-size-adjust:100%;-ms-text-size-adjust:100%}',
  'table{border-collapse:separate;mso-table-lspace:0;mso-table-rspace:0}',
  'img{-ms-interpolation-mode:bicubic}',
].join('\n')

const forWord = "body,table,td,p,a,li,blockquote,div{font-family:'Segoe UI',Arial,sans-serif!important}"

/** The whole document. `body` is HTML that is safe already; all else is escaped. Never throws. */
export function htmlDocument({ language, direction, title, body, bodyStyle, ...frame }: Frame): string {
  return `<!doctype html>
<html lang="${escapeHtml(language)}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no">
<title>${escapeHtml(title)}</title>
<!--[if mso]><style>${forWord}</style><![endif]-->
<style>
${css}
${frame.css}
</style>
</head>
<body style="${bodyStyle}">
${body}
</body>
</html>
`
}
