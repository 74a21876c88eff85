// "From: … Sent: … To: … Subject: …" above an earlier mail, as Outlook and its kin write it in many languages. Three
// different fields with an address among them, or the author with a day and a time: travel plans ("From: Berlin, To:
// Rome, Date: Monday") are words, not a header.
import { isDividerShape } from './dividers.ts'
import { isRule, lineAt, maxMarkerLength, plainLine } from './line-text.ts'

type Role = 'from' | 'date' | 'to' | 'cc' | 'subject' | 'other'

const names: Readonly<Record<Role, string>> = {
  from:
    'from|از|प्रेषक|nork|від кого|von|de|da|van|fra|från|frá|od|lähettäjä|от|от кого|від|kimden|gönderen|feladó|de ' +
    'la|expéditeur|remitente|remetente|mittente|afzender|absender|avsender|avsändare|odesílatel|odosielateľ|' +
    'nadawca|από|pošiljatelj|šalje|no|nuo|saatja|dari|từ|จาก|من|מאת|ˈfrom|发件人|發件人|寄件者|寄件人|差出人|送信者|보낸 ' +
    '사람|보낸사람|보내는 사람',
  date:
    'sent|ارسال شده|भेजा गया|date|gesendet|gesendet am|datum|envoyé|envoyé le|date d’envoi|message du|enviado|' +
    'enviado ' +
    'el|enviado em|enviada em|enviada|data|fecha|inviato|data ' +
    'invio|verzonden|sendt|dato|skickat|wysłano|wysłane|odesláno|odoslané|dátum|lähetetty|päivämäärä|päiväys|' +
    'отправлено|дата|надіслано|gönderildi|gönderme ' +
    'tarihi|gönderilme tarihi|tarih|elküldve|küldve|küldés ' +
    'ideje|trimis|trimisă|στάλθηκε|ημερομηνία|poslano|nosūtīts|išsiųsta|saadetud|tanggal|terkirim|dikirim|ngày|đã ' +
    'gửi|ส่ง|วันที่|التاريخ|تاريخ الإرسال|נשלח|תאריך|发送时间|發送時間|发送日期|寄件日期|傳送時間|日期|时间|時間|送信日時|日付|日時|보낸 ' +
    '날짜|날짜|보낸 시간|보낸날짜',
  to:
    'to|به|प्रति|nori|an|à|a|aan|pour|til|till|do|pro|komu|vastaanottaja|кому|до|kime|alıcı|címzett|către|catre|' +
    'προς|za|prima|' +
    'para|per|kam|kepada|đến|tới|ถึง|إلى|אל|destinataire|destinatario|destinatário|empfänger|ontvanger|kuhu|' +
    'adresatas|收件人|收件者|宛先|받는 사람|받는사람',
  cc:
    'cc|bcc|kopie|kopie an|copie|copie à|copie ' +
    'a|kopi|kopia|kópia|copia|cópia|dw|копия|копія|bilgi|másolat|másolatot kap|κοινοποίηση|v ' +
    'vednost|抄送|副本|参照|참조|نسخة|העתק|tembusan',
  subject:
    'subject|विषय|موضوع|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|emne|ämne|temat|předmět|predmet|' +
    'aihe|тема|' +
    'относно|konu|tárgy|subiect|θέμα|zadeva|teema|tēma|tema|efni|perihal|subyek|subjek|chủ đề|เรื่อง|الموضوع|' +
    'נושא|主题|主題|主旨|件名|표제|제목|assumpte|gaia',
  other:
    'reply-to|antwort an|répondre ' +
    'à|importance|wichtigkeit|priority|priorität|importancia|prioritet|attachments|anlagen|anhänge|pièces ' +
    'jointes|adjuntos|organization|sent by|resent-from|message-id|cc to|vedlegg|bilagor|附件|添付ファイル|첨부',
}

const roles = new Map<string, Role>()
for (const role of Object.keys(names) as Role[])
  for (const name of names[role].split('|')) if (!roles.has(name)) roles.set(name, role)

const maxLines = 14

interface Field {
  readonly role: Role
  readonly value: string
}

/** The last line of a header block that starts on line `start`, or null when none does. Never throws. */
export function findHeaderBlockEnd(lines: readonly string[], start: number): number | null {
  const first = readField(lineAt(lines, start))
  if (first === null || !isSingle(first.role)) return null
  if (isWholeBlock(lineAt(lines, start))) return start
  const { end, seen } = readBlock(lines, start)
  // "To:" first is a header only with an author below it
  if (first.role === 'to' && !seen.has('from')) return null
  return isBelowDivider(lines, start, seen) || isHeader(lines.slice(start, end + 1), seen) ? end : null
}

/** The fields of a header block as written, '' where the block has none. */
export interface HeaderBlock {
  /** Its last line. */
  readonly end: number
  readonly from: string
  readonly subject: string
  readonly date: string
}

/** The header block that starts on line `start`; null when none does, or when it stands on one line. Never throws. */
export function readHeaderBlock(lines: readonly string[], start: number): HeaderBlock | null {
  const last = findHeaderBlockEnd(lines, start)
  if (last === null || last === start) return null
  const { end, seen } = readBlock(lines, start)
  const valueOf = (role: Role): string => (seen.get(role) ?? '').replace(/^[*_ ]+|[*_ ]+$/g, '')
  return { end, from: valueOf('from'), subject: valueOf('subject'), date: valueOf('date') }
}

function readBlock(lines: readonly string[], start: number): { end: number; seen: ReadonlyMap<Role, string> } {
  const seen = new Map<Role, string>()
  let end = start
  // up to two lines in between may carry no name: wrapped addressees, blank lines
  for (let i = start; i <= end + 3 && i < start + maxLines; i++) {
    const field = readField(lineAt(lines, i))
    if (field === null) continue
    if (isSingle(field.role) && seen.has(field.role)) break
    seen.set(field.role, field.value)
    end = i
  }
  return { end, seen }
}

function isBelowDivider(lines: readonly string[], start: number, seen: ReadonlyMap<Role, string>): boolean {
  if (!seen.has('from')) return false
  const above = lineAt(lines, start - 1)
  return (isRule(above) && seen.has('date')) || (isDividerShape(above) && (seen.has('date') || seen.has('subject')))
}

function isSingle(role: Role): boolean {
  return role !== 'other' && role !== 'cc'
}

const mailAddress = /\S@\S/
// Names of the date that no travel plan has
const sentLine =
  /^[*_ ]{0,3}(?:sent|gesendet|envoyé|enviad[oa]|inviato|verzonden|sendt|skickat|wysłano|odesláno|odoslané|lähetetty|отправлено|надіслано|gönder\p{L}+|elküldve|trimis|στάλθηκε|poslano|发送时间|發送時間|送信日時|보낸 날짜)[*_ ]{0,3}[:：]/iu
// A day and a time: "17 Nov 2026 10:23"
const moment = /\d{1,4}\D{1,20}\d{1,4}.{0,24}\d{1,2}[:.h]\d{2}/

function isHeader(block: readonly string[], seen: ReadonlyMap<Role, string>): boolean {
  const main = ['from', 'date', 'to', 'subject'].filter((role) => seen.has(role as Role)).length
  const hasMail = block.some((line) => mailAddress.test(line))
  if (main >= 3 && hasMail) return true
  const from = seen.get('from')
  if (main < 2 || from === undefined) return false
  const to = seen.get('to')
  const saysWho = to === undefined ? hasMail : mailAddress.test(from) && mailAddress.test(to)
  return saysWho || saysWhen(block, seen, main === 4)
}

function saysWhen(block: readonly string[], seen: ReadonlyMap<Role, string>, isWhole: boolean): boolean {
  const date = seen.get('date') ?? ''
  if (isWhole && fullDate.test(date)) return true
  return moment.test(date) && (seen.has('subject') || block.some((line) => sentLine.test(line)))
}

// seen: "From: Bob <bob@example.org> Sent: Monday, June 3, 2024 10:00 To: Ann Subject: Order", all on one line
function isWholeBlock(line: string): boolean {
  const text = plainLine(line)
  if (text.length > maxMarkerLength || !mailAddress.test(text)) return false
  const found = new Set<Role>()
  for (const [, name] of text.matchAll(/(?<![\p{L}@.])(\p{L}{2,15})\*?[:：](?=\s|\*)/gu)) {
    const role = roles.get((name ?? '').toLowerCase())
    if (role !== undefined) found.add(role)
  }
  return found.has('from') && (found.size >= 3 || (found.has('date') && fullDate.test(text)))
}

const fullDate = /\d{1,2}\D{1,20}\d{4}|\d{4}\D{1,12}\d{1,2}/

function readField(line: string): Field | null {
  if (line.length > maxMarkerLength * 4 || !/[:：]/.test(line.slice(0, 60))) return null
  const text = plainLine(line).replace(/^[*_|]+ ?/, '')
  const colon = text.search(/[:：]/)
  if (colon < 1 || colon > 30) return null
  const name = text.slice(0, colon).replace(/[*_ ]+$/, '')
  const role = roles.get(name.toLowerCase())
  return role === undefined ? null : { role, value: text.slice(colon + 1) }
}
