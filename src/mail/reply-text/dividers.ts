// Lines that stand between the new words and an earlier mail: "-----Original Message-----", "Begin forwarded
// message:", "reply above this line". Told apart, because what was forwarded is often the very point of the mail.
import { plainLine } from './line-text.ts'

export type Divider = 'original' | 'forwarded' | 'reply-above' | null

const original = new RegExp(
  '^(?:original (?:message|email|e-mail|mail|appointment)|reply message|ursprüngliche ' +
    '(?:nachricht|mail|e-mail)|original-?nachricht|originalnachricht|message d.origine|message ' +
    '(?:initial|original)|mensaje original|' +
    'mensagem original|messaggio originale|oorspronkelijk bericht|origineel bericht|oprindelig ' +
    '(?:meddelelse|mail)|original meddelelse|opprinnelig melding|ursprungligt ' +
    'meddelande|originalmeddelande|' +
    'alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|původní (?:zpráva|e-mail)|pôvodná ' +
    'správa|eredeti üzenet|mesaj(?:ul)? original|исходное (?:сообщение|письмо)|оригинальное ' +
    'сообщение|оригінальне повідомлення|вихідне повідомлення|' +
    'orijinal (?:ileti|mesaj)|özgün ileti|αρχικό μήνυμα|(?:izvorna|originalna) poruka|izvirno ' +
    'sporočilo|оригинално съобщение|missatge original|algne kiri|upprunaleg skilaboð|pesan asli|thư ' +
    'gốc|tin nhắn gốc|' +
    'original|replied message|antwort nachricht|mensagem de origem|originele (?:bericht|e-?mail)|oorspronkelijke ' +
    'e-?mail|alkuperäinen sähköposti|odpovězená zpráva|odpovedaná správa|\\u0130leti|orijinal \\u0130leti|' +
    'sākotnēj(?:ā ziņa|ais ziņojums)|originalus laiškas|pradinis laiškas|algne e-kiri|mensaje citado|' +
    'ข้อความต้นฉบับ|ข้อความเดิม|मूल संदेश|原始信件|原始訊息|原邮件|原郵件|回复的原邮件|' +
    '原始邮件|原始郵件|原郵件|原件|元のメッセージ|원본 메시지|원본 메일|الرسالة الأصلية|הודעה מקורית|پیام اصلی)$',
  'iu',
)
const forwarded = new RegExp(
  '^(?:(?:begin )?forwarded message|(?:anfang der )?weitergeleitete(?:n)? ' +
    '(?:nachricht|e-mail|mail)|(?:début du )?message (?:transféré|réexpédié)|(?:inicio del )?mensaje ' +
    'reenviado|(?:início da )?mensagem (?:encaminhada|reencaminhada)|' +
    '(?:inizio )?messaggio inoltrato|(?:begin )?doorgestuurd bericht|videresendt ' +
    '(?:meddelelse|besked|melding|mail)|vidarebefordrat (?:meddelande|mail|brev)|(?:wiadomość ' +
    'przekazana|przekazana wiadomość|początek przekazywanej wiadomości)|' +
    'přeposlaná zpráva|preposlaná správa|пересылаемое (?:сообщение|письмо)|переслане ' +
    'повідомлення|továbbított üzenet|iletilen (?:mesaj|ileti)|mesaj redirecționat|välitetty ' +
    'viesti|προωθημένο μήνυμα|' +
    '转发的邮件|转发邮件|轉寄的郵件|轉寄郵件|転送されたメッセージ|転送メッセージ|전달된 메시지|הודעה שהועברה|الرسالة المعاد توجيهها)$',
  'iu',
)
const replyAbove =
  /(?:reply|respond|type|write|schreiben|antwort|antworten|réponse|répondre|répondez|responder|responda|risposta|antwoord|svar|respuesta|resposta|digitare)(?!\p{L}).{0,60}(?<!\p{L})(?:above|over|oberhalb|über|au-dessus|encima|arriba|acima|sopra|boven|ovanför)(?!\p{L}).{0,40}(?<!\p{L})(?:line|linie|zeile|ligne|línea|linha|linea|riga|lijn|regel|rad|linje)|この行より上|此行(?:上方|之上|以上)|此線上方/iu

/**
 * The kind of divider that a line is, or null. Needs dashes around its words, or the colon of "Begin forwarded
 * message:". Never throws.
 */
export function readDivider(line: string): Divider {
  if (line.length > 300 || !/^[\s\p{Cf}]{0,20}[-–—_=*#+>prw]|[:：\s]$/iu.test(line)) return null
  const text = plainLine(line)
  const words = text.replace(/^[-–—_=*#>+ ]+|[-–—_=*#<+: ]+$/g, '')
  if (words.length < 2 || words.length > 120) return null
  return isGroupWise(text) ? 'original' : judge(text, words)
}

function judge(text: string, words: string): Divider {
  const dashed = /^[-–—_=*#+]{2}|^[-–—_=*#+] [-–—_=*#+]/.test(text)
  if (forwarded.test(words) && (dashed || text.endsWith(':'))) return 'forwarded'
  if (original.test(words) && dashed && !isOwnHeading(text, words)) return 'original'
  return (dashed || isRequest(text)) && isReplyAbove(words) ? 'reply-above' : null
}

function isReplyAbove(words: string): boolean {
  return replyAbove.test(words) || /^write above this line/i.test(words)
}

/** True for GroupWise's introduction: ">>> Ann 17.11.2026 10:23 >>>". Never throws. */
export function isGroupWise(line: string): boolean {
  return /^>>> [^>].{3,250}(?: >>>|:)\s*$/.test(line) && /\d{4}.{1,20}\d[:.]\d\d/.test(line)
}

// "--- original ---" between two versions of a text; QQ's line is longer
function isOwnHeading(text: string, words: string): boolean {
  return /^original$/i.test(words) && !/^-{8}/.test(text)
}

const requests =
  /^(?:please )?(?:type |write |enter |add )?(?:your )?(?:reply |response |answer |comment )?(?:above|over) this line(?: to (?:post|add|send)\b.{0,80}|[.:]?)$/i

// "Please type your reply above this line", but not "Please print the name above the address line"
function isRequest(text: string): boolean {
  return requests.test(text)
}

/**
 * True if the line has the shape of a divider, whatever its words: "---- words ----", "<<<< words >>>>". Never throws.
 */
export function isDividerShape(line: string): boolean {
  return /^[-–—_=*#<>+]{2,} ?[^-–—_=*#<>+\s].{0,60}[^-–—_=*#<>+\s] ?[-–—_=*#<>+]{2,}$/.test(plainLine(line))
}
