// What the writer announces is the writer's: "My filter:" above "from: …, to: …", "Your terms say:" above "> " lines.
// Read by the markers before they leave anything out.
import { isQuoted, lineAt, maxMarkerLength, plainLine } from './line-text.ts'

const maxParagraph = 30

/**
 * True if line `index` belongs to data of the writer: the line above it, or above its paragraph, ends with a colon, or
 * its paragraph begins with other fields ("Name: …", "Received: …"). Never throws.
 */
export function isAnnounced(lines: readonly string[], index: number): boolean {
  let above = index - 1
  while (above >= 0 && lineAt(lines, above).trim() === '') above--
  if (endsWithColon(lineAt(lines, above))) return true
  if (above < 0 || above < index - 1) return false
  const top = paragraphTop(lines, above)
  const paragraph = lines.slice(top, above + 1)
  if (paragraph.some(isQuoted)) return false
  return paragraph.some(endsWithColon) || isListOfFields(paragraph)
}

const maxOwnQuotation = 12

/**
 * The first line behind the lines with ">" that the writer typed or pasted below an announcement, or null where line
 * `index` begins an ordinary quotation. Never throws.
 */
export function findOwnQuotationEnd(lines: readonly string[], index: number): number | null {
  let above = index - 1
  while (above >= 0 && lineAt(lines, above).trim() === '') above--
  const line = lineAt(lines, above)
  if (!endsWithColon(line) || /\d{4}|\d[:.]\d\d|\S@\S/.test(line)) return null
  let end = index
  while (end < lines.length && isQuoted(lineAt(lines, end))) end++
  return end - index <= maxOwnQuotation ? end : null
}

function paragraphTop(lines: readonly string[], index: number): number {
  let top = index
  while (top > 0 && index - top < maxParagraph && lineAt(lines, top - 1).trim() !== '') top--
  return top
}

function endsWithColon(line: string): boolean {
  return line.length <= maxMarkerLength && !isQuoted(line) && /\S[ \t]*[:：]\s*$/.test(line)
}

// "Name: Ann", "Received: from …" with its folded lines, "From 4711 Mon Sep 17 2026" (mbox)
function isListOfFields(paragraph: readonly string[]): boolean {
  return paragraph.every((line) => fieldLines.some((field) => field.test(line)))
}

const fieldLines = [/^[ \t]+\S/, /^[\p{L}][\p{L}\p{N} -]{0,30}[:：] ?\S/u, /^From \S{1,300} .{0,80}\d{4}$/]

const greeting = new RegExp(
  '^(?:dear|hi|hello|hey|greetings|good (?:morning|day|afternoon|evening)|to whom|hallo|guten|moin|sehr geehrte|' +
    'liebe[rs]?|bonjour|bonsoir|chère?|madame|monsieur|hola|estimad[oa]s?|buen[oa]s|buongiorno|buonasera|gentil[ei]|' +
    'egregio|spett|salve|ciao|olá|ola|prezad[oa]s?|car[oa]s?|bo[am]|beste|geachte|dag|hej|hei|kjære|kære|bästa|god|' +
    'hyvä|dobrý|dobry|dzień|szanown\\p{L}|witam|cześć|здравствуйте|уважаем\\p{L}+|добр\\p{L}+|' +
    'привет|merhaba|sayın|iyi|' +
    'tisztelt|bună|stimat\\p{L}+|αγαπητ\\p{L}+|καλημέρα|您好|你好|尊敬的|こんにちは|お世話になっ|안녕하세요|مرحبا|السلام|שלום)' +
    '(?!\\p{Ll})',
  'iu',
)

/** True if the line is only a salutation, which answers nothing. Never throws. */
export function isGreeting(line: string): boolean {
  const text = plainLine(line)
  return text.length <= 60 && !/[.?]/.test(text) && text.split(' ').length <= 6 && greeting.test(text)
}

const answersBelow = new RegExp(
  '\\b(?:see|answers?|answered|comments?|replied|repl(?:y|ies)|responses?|' +
    'notes?)\\b.{0,50}\\b(?:below|inline|in-line|' +
    'in (?:the text|red|blue|green|bold|colou?r|caps|capitals))\\b|' +
    '\\b(?:siehe|antwort(?:en)?|anmerkung(?:en)?|kommentare?)\\b.{0,50}(?:unten|\\brot|\\bblau|grün|im text|inline)|' +
    '(?:voir|réponses?|commentaires?)\\b.{0,50}(?:ci-dessous|en (?:rouge|bleu|vert|gras)|dans le texte)|' +
    '(?:ver|veja|respuestas?|respostas?|comentarios?)\\b.{0,50}' +
    '(?:abajo|abaixo|(?:en|em) (?:rojo|azul|vermelho|negrita))|' +
    '(?:vedi|risposte?|commenti)\\b.{0,50}(?:sotto|di seguito|in (?:rosso|blu))|' +
    '(?:zie|antwoord(?:en)?|opmerkingen)\\b.{0,50}(?:hieronder|onderstaand|rood|blauw)|' +
    '(?:svar|kommentar(?:er)?)\\b.{0,50}(?:nedan|nedenfor|rødt|rött|blått)|' +
    '(?:odpowiedzi|komentarze)\\b.{0,50}(?:poniżej|czerwon|niebiesk)|' +
    '(?:ответ\\p{L}*|комментари\\p{L}*).{0,50}(?:ниже|красн|син)',
  'iu',
)

/** True if few words say that the answers stand in the earlier mail below: "See my answers in red". Never throws. */
export function announcesAnswersBelow(words: string): boolean {
  return words.length <= 400 && answersBelow.test(words)
}
