// Signs of a bounce that carries no machine-readable part: the null reverse-path (RFC 5321 §4.5.5), who wrote it, its
// subject, its words.
import { readFieldValue } from '../header/split-head.ts'
import type { MailEvidence } from './evidence.ts'
import { findListSign } from './list.ts'

const daemon =
  /(?:^|[\s<"(])(?:mailer[-_. ]?daemon|maildaemon|mail-?daemon|mdaemon|postmaster|post\.master|bounces?|bounce-handler|mail-?delivery|maildelivery|smtp-?daemon|mmdf|daemon|delivery-?daemon|symantec_antivirus.{0,30}|email-?delivery|mail\.delivery)(?:[+-][^\s@]{0,80})?@/i
const daemonName =
  /mail(?:er)?[ -]?deliver|delivery (?:sub)?system|mailer[ -]?daemon|mail administrator|system administrator|system attendant|internet mail delivery|delivery (?:status )?notification|postmaster|undeliver|maildelivery|mail system|smtp gateway|mail router/i
const subject = new RegExp(
  '^(?:\\[?(?:spam|external|ext)\\]? ?:? ?)?(?:re: ?)?(?:undeliver(?:able|ed)|non[ ' +
    '-]?deliver(?:y|able)|mail (?:delivery|system|could not|not delivered)|e?-?mail (?:delivery ' +
    ')?(?:error|failure|failed)|message (?:delivery|undeliverable|not delivered|could not|status)|' +
    'delivery (?:status|failure|failed|fail|has ' +
    'failed|error|problem|notification|delayed|report|unsuccessful|final failure|to the ' +
    'following)|deliver(?:y)? (?:status )?notification|returned (?:mail|e-?mail|to ' +
    'sender|message|due)|return(?:ed)? ?mail|failure (?:notice|delivery|notification)|failed ' +
    '(?:mail|delivery|message)|' +
    'failed to deliver|unable to deliver|could not (?:deliver|send)|cannot ' +
    'deliver|unzustellbar|unzustellbare|nicht zustellbar|nicht zugestellt|nachricht (?:nicht|konnte ' +
    'nicht)|zustellung(?:s|en)?.{0,20}(?:fehl|status|problem)|non remis|message non ' +
    '(?:distribu|remis|délivr)|échec de (?:la )?(?:remise|distribution)|échec de l|' +
    'no se (?:puede|pudo|ha podido) entregar|correo no entregado|devuelto|mensaje (?:no ' +
    'entregado|devuelto)|não (?:foi )?(?:possível entregar|entregue)|falha na entrega|mensagem não ' +
    'entregue|mancato recapito|impossibile (?:recapitare|consegnare)|messaggio non ' +
    '(?:recapitato|consegnato)|non recapitabile|' +
    'onbestelbaar|niet bezorgd|kan niet worden bezorgd|ej levererat|kunde inte levereras|olevererbart|kan ' +
    'ikke leveres|ulevert|uleverbar|ikke leveret|toimitus epäonnistui|ei voitu toimittaa|nie można ' +
    'dostarczyć|niedostarczon|zwrot|nedoručiteln|nedoručen|nedoručiteľn|nie je možné ' +
    'doručiť|kézbesíthetetlen|' +
    'не удалось доставить|недоставлен|сообщение не доставлено|ошибка доставки|undelivered mail|teslim ' +
    'edilemedi|iletilemedi|αδυναμία παράδοσης|退信|系统退信|未能送达|無法傳遞|無法投遞|配信不能|配信できません|配達不能|送信できません|배달되지 않음|배달 ' +
    '실패|returned|warning: (?:could not|message .{0,40}(?:delayed|not))|' +
    'warning: e-?mail still not|permanent (?:delivery )?(?:failure|error)|user unknown|unknown ' +
    '(?:user|recipient|address)|delayed mail|mail status report|nondeliverable|notification ' +
    'd.état|notificación de estado|notifica(?:zione)? di mancat|rejected:? |não (?:é|' +
    'foi) possível entregar|kan inte levereras|ei (?:voida|voitu) toimittaa|' +
    'niedostarczaln|无法送达|无法投递|не вдалося доставити|imposibil de livrat|δεν είναι δυνατή η παράδοση|לא ניתן ' +
    'למסור|تعذر التسليم|تعذّر التسليم|\\[postmaster\\] e-?mail delivery failure|your message to .{0,120} ' +
    '(?:couldn.t|could not|was not|has been rejected)|address not found)',
  'iu',
)

/**
 * The sign that says bounce, or null. Customers write about returned goods and rejected claims, and postmasters are
 * people as well: words and names count only where the reverse-path is null, or two of them together where it is
 * unknown. The address mailer-daemon@ is enough there. Never throws.
 */
export function findBounceSign(mail: MailEvidence): string | null {
  const failed = readFieldValue(mail.fields, 'x-failed-recipients')
  if (failed !== null) return `X-Failed-Recipients: ${failed.slice(0, 200)}`
  if (hasNullReversePath(mail)) return findNullReversePathSign(mail)
  return mail.reversePath === null || findListSign(mail) !== null ? findSignsOfContent(mail) : null
}

// The null reverse-path: it separates a bounce from an automatic answer.
function findNullReversePathSign(mail: MailEvidence): string | null {
  const from = fromOf(mail)
  if (daemon.test(` ${from}`) || daemonName.test(withoutAddress(from)))
    return `null reverse-path and From: ${from.slice(0, 200)}`
  // An answer that says so of itself, from wherever: "Auto-Submitted: auto-replied" (RFC 3834 §5)
  if (/^\s*auto-replied/i.test(readFieldValue(mail.fields, 'auto-submitted') ?? '')) return null
  if (isBounceSubject(mail)) return `null reverse-path and Subject: ${mail.subject.slice(0, 200)}`
  return hasSmtpCode(mail) ? 'null reverse-path and an SMTP reply code' : null
}

// No envelope was learned, or only the one of a list. The address that only machines bear is enough; a name or
// postmaster@ needs the words.
function findSignsOfContent(mail: MailEvidence): string | null {
  const from = fromOf(mail)
  const isMachine = machine.test(` ${from}`)
  if (!isMachine && !machineName.test(withoutAddress(from)) && !postmaster.test(` ${from}`)) return null
  if (isBounceSubject(mail)) return signsOf(from, `Subject: ${mail.subject}`)
  if (hasSmtpCode(mail) && !postmaster.test(` ${from}`)) return signsOf(from, 'an SMTP reply code')
  return isMachine ? `From: ${from.slice(0, 200)}` : null
}

function isBounceSubject(mail: MailEvidence): boolean {
  return subject.test(mail.subject.trim())
}

function signsOf(from: string, second: string): string {
  return `From: ${from.slice(0, 200)} and ${second.slice(0, 210)}`
}

const machine =
  /(?:^|[\s<"(])(?:mailer[-_. ]?daemon|mail-?daemon|mdaemon|smtp-?daemon|delivery-?daemon)(?:[+-][^\s@]{0,80})?@/i
// A person too: only with the subject of a bounce.
const postmaster = /[\s<"(]postmaster@/i
const machineName = /^["\s]*(?:mailer[ -]?daemon|(?:internet )?mail delivery (?:sub)?system|mail delivery service)\b/i

const smtpCode = /(?<!\d)5[0-5]\d[ -]|\b5\.\d\.\d{1,3}\b/
const mailWords =
  /\b(?:smtp|mailbox|recipients?|undeliver\w{0,10}|deliver\w{0,10}|user|relay\w{0,5}|host|e?mail|message|address\w{0,2})\b/i

// "It weighs 520 g" is not a reply code: there must be talk of mail beside it.
function hasSmtpCode(mail: MailEvidence): boolean {
  const text = mail.text.slice(0, 20_000)
  return smtpCode.test(text) && mailWords.test(text)
}

function fromOf(mail: MailEvidence): string {
  return (readFieldValue(mail.fields, 'from') ?? '').slice(0, 2000)
}

function withoutAddress(from: string): string {
  return from.replace(/<[^<>]*>/g, '')
}

// sendmail and others write the null path as MAILER-DAEMON, with or without a host.
const nullPath = /^\s*(?:<\s*>|<?mailer-daemon(?:@[^\s<>]{0,255})?>?\s*$)/i

/** True for the null reverse-path: MAIL FROM:<>, or an MTA's record of it. Never throws. */
export function hasNullReversePath(mail: MailEvidence): boolean {
  if (mail.reversePath !== null) return mail.reversePath === '' || nullPath.test(mail.reversePath)
  return nullPath.test(readFieldValue(mail.fields, 'return-path') ?? '')
}
