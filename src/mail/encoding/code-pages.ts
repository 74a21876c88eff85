// Numbers of Windows code pages, as Outlook and RTF name charsets.

const others: Readonly<Record<number, string>> = {
  866: 'ibm866',
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  10000: 'macintosh',
  20127: 'us-ascii',
  20866: 'koi8-r',
  20932: 'euc-jp',
  21866: 'koi8-u',
  50220: 'iso-2022-jp',
  51932: 'euc-jp',
  51949: 'euc-kr',
  54936: 'gb18030',
  65001: 'utf-8',
}

/** The charset label of a code page; '' when it is unknown. Never throws. */
export function charsetOfCodePage(codePage: number): string {
  if (codePage >= 1250 && codePage <= 1258) return `windows-${String(codePage)}`
  if (codePage >= 28591 && codePage <= 28606) return `iso-8859-${String(codePage - 28590)}`
  return others[codePage] ?? ''
}
