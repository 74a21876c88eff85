// Footers of programs and lists: "Sent from my iPhone" in many languages, advertisements of clients and scanners, the
// footer of a mailing list. Only short lines that stand alone count, and only with the name of a device or client, or
// of the usual form.
import { isRule, plainLine } from './line-text.ts'

const device =
  /iphon|ipad|ipod|apple watch|android|blackberry|samsung|galaxy|htc|nokia|lumia|huawei|honor|xiaomi|redmi|oneplus|oppo|pixel|xperia|\bsony\b|motorola|\bmoto\b|\blg\b|windows|outlook|hotmail|yahoo|gmail|\be?-?mail\b|courriel|correo|proton|tutanota|tuta\b|thunderbird|k-9|fairemail|spark|airmail|mailbird|superhuman|\bbluemail\b|nine\b|smartphone|handy|handset|mobile device|mobil|mobile|téléphone|telefon|tablet|palm|treo|web\.de|gmx|mail\.ru|yandex|zimbra|mailspring|edison|\bwiko\b|fairphone|aqua ?mail|typeapp|boxer|fastmail|\bhey\b|\bfront\b|canary|missive|shortwave|polymail|\baol\b|newton|\bspike\b|zoho|mymail|почт|яндекс|小米|华为|荣耀|三星|手机|手機|\bphone\b|telegram/i

const opening = new RegExp(
  '^(?:(?:this (?:e-?mail|message) (?:was|has been) )?sent (?:from|via|using|by|with|on)|get outlook ' +
    'for|von (?:meine[mr]|unterwegs)|(?:diese (?:nachricht|e-?mail) wurde ' +
    ')?(?:gesendet|gesandt|verschickt) (?:von|mit|über|via|aus)|' +
    'envoyé (?:de|depuis|à partir|avec|par|via|du)|(?:ce message a été )?envoyé|enviado (?:desde|do|de|a ' +
    'partir|con|pelo|por|via)|enviada (?:do|desde|a partir)|enviat (?:des|amb)|inviato ' +
    '(?:da|dal|con|tramite)|verstuurd (?:vanaf|met|via|vanuit)|' +
    'verzonden (?:vanaf|met|via|vanuit|door)|skickat från|skickades från|sendt ' +
    '(?:fra|via|med)|lähetetty|wysłan[eoay] (?:z|ze|za|przez)|(?:(?:этот e-?mail|это письмо|сообщение) )?' +
    'отправлено? (?:с|из|от)|надіслано ' +
    '(?:з|із|від)|odesláno (?:z|ze|pomocí)|odoslané (?:z|zo)|' +
    'trimis (?:de pe|din|cu)|küldve|elküldve|στάλθηκε (?:από|με)|poslano (?:z|s|sa)|изпратено ' +
    '(?:от|с)|saadetud|nosūtīts no|išsiųsta iš|sent fra|đã gửi từ|được gửi từ|dikirim dari|נשלח מ\\p{L}*|أُ?رسلت ' +
    'من|مرسل من|تم الإرسال من|ส่งจาก|' +
    'sendt frå|bidalia|hentet fra|hanki outlook|hämta outlook|outlook für|télécharger outlook|obtener ' +
    'outlook|obtenha o outlook|scarica outlook|download outlook|laden sie outlook|holen sie sich ' +
    'outlook)(?![\\p{L}])',
  'iu',
)
const closing =
  /(?:から送信|より送信|から送信されました|に送信しました|에서 보냄|에서 보냈습니다|发送|發送|傳送|发自|gönderildi|gesendet|gesendet\.|lähetetty|küldve)[.。]?$/iu
const chinese = /^(?:发自|从我的|發自|從我的|来自|来自我的|從|발신|나의)/u
const advertisement =
  /^(?:this e?-?mail has been (?:checked|scanned) for viruses|virus-free\.|virenfrei\.|garanti sans virus|libre de virus|do you yahoo!\?|diese e-mail wurde von avast|diese (?:nachricht|e-?mail) wurde von mein\p{L}{0,3} .{1,60} gesendet|l'absence de virus|este (?:correo|mensaje) .{0,60}avast|no virus found in this|checked by avg|get your own free|sent securely from|sent with (?:proton|tutanota|mailtrack|superhuman)|secured? by|mailtrack)/iu

// Enough amid a mail, where a sentence may tell how a parcel was sent.
const product =
  /iphone|ipad|android|blackberry|samsung|galaxy|huawei|xiaomi|windows|outlook|yahoo|gmail|proton|thunderbird|web\.de|gmx|mail\.ru|yandex|яндекс|\baol\b|\bmy (?:mobile|phone|tablet)/i

/** True if the line is the footer of a client or scanner; `isLast`: no words of the writer follow. Never throws. */
export function isClientFooter(line: string, { isLast } = { isLast: true }): boolean {
  if (line.length > 240) return false
  // "Get Outlook for iOS" in any language leads there
  if (/^.{0,40}outlook.{0,30}https:\/\/aka\.ms\/\S{1,30}$/i.test(plainLine(line))) return true
  const text = plainLine(line)
    .replace(/<[^<>]*>|\(?https?:\/\/\S*\)?/g, '')
    .replace(/^[-–—*_[\]("“ ]+|[*_[\])"” ]+$/g, '')
    .trim()
  if (text.length < 5 || text.length > 110 || (!isLast && !product.test(text))) return false
  return advertisement.test(text) || isSentFromLine(text.replace(apology, '').trim()) || isApology(text)
}

// "Sent from my phone, please excuse brevity", "Excuse typos, sent from my iPhone"
const apology =
  /[,.;–—-]? ?(?:please )?(?:excuse|pardon|forgive|sorry (?:for|about)|apologies for)\b[^,.;]{0,60}\b(?:typos?|brevity|errors|mistakes|spelling|autocorrect|typing|thumbs)\b[,.;–— -]{0,3}/i

// "Typed on a phone, please excuse typos."; "Sent on the go"
function isApology(text: string): boolean {
  const rest = text.replace(apology, '').trim()
  if (/^(?:sent|written|typed) (?:on|while on) the (?:go|move|run|road)[.!]?$/i.test(rest)) return true
  return rest !== text && /^(?:typed|written|tapped|composed) (?:on|with|from) .{1,40}$/i.test(rest)
}

function isSentFromLine(text: string): boolean {
  const words = text.split(' ')
  // "Von meinem Nachbarn mit dem Handy gefilmt"
  if (/^von mei/i.test(text) && !device.test(words.slice(2, 4).join(' '))) return false
  if (opening.test(text)) return words.length <= 14 && (isBare(words) || (device.test(text) && !isProse(text)))
  return (closing.test(text) || chinese.test(text)) && device.test(text) && words.length <= 10
}

// "Sent from my magnificent torch": few words and no clause
function isBare(words: readonly string[]): boolean {
  return (
    words.length <= 6 &&
    /^(?:my|mon|mein(?:em|er)|mi|meu|mio|mijn|min|mojego|a|moj\p{L}*)$/iu.test(words[2] ?? '') &&
    !/[,;]/.test(words.join(' '))
  )
}

// "Sent from my desk, is much easier than my mobile phone."
function isProse(text: string): boolean {
  return /[,;] \p{Ll}/u.test(text) && !/^[^,;]*(?:iphone|ipad|android|blackberry|samsung|galaxy)/i.test(text)
}

const listWords =
  /mailing list|mailing-list|\bmailman\b|listinfo|groups\.(?:google|yahoo|io)|unsubscribe|abmelden|désabonner|you (?:are receiving|received) this (?:message|email|mail) because|liste de diffusion|mailinglist/i

// Sentences that only servers write: they need no long rule above them.
const serverWords =
  /^(?:you (?:are receiving|received) this (?:message|e-?mail|mail|notification) because|reply to this e-?mail directly|to unsubscribe (?:from this|send|,|e-?mail)|view\/reply online|sie (?:erhalten|haben) diese (?:nachricht|e-?mail) .{0,40}(?:weil|erhalten)|vous (?:recevez|avez reçu) ce message (?:car|parce que))/i

// A person's "please unsubscribe me" names no address.
function isListBlock(lines: readonly string[]): boolean {
  return lines.some((line) => listWords.test(line)) && lines.some((line) => /https?:|www\.|\S@\S/i.test(line))
}

/**
 * True if a mark or rule on line `index` opens the footer of a mailing list or server: their words are within the next
 * three lines. Never throws.
 */
export function isListFooter(lines: readonly string[], index: number): boolean {
  const line = lines[index] ?? ''
  const below = lines.slice(index + 1, index + 4).filter((next) => next.length < 300)
  if (/^\s{0,3}(?:--|—|––|-{3,5})\s*$/.test(line))
    return serverWords.test(below.find((next) => next.trim() !== '') ?? '')
  if (line.length < 10 || !isRule(line)) return false
  return below.some((next) => serverWords.test(next.trim()) || /do you yahoo/i.test(next)) || isListBlock(below)
}
