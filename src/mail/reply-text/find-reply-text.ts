export function findReplyText(words: { text: string; html: string | null }, _context: { subject: string }): string {
  return words.text.trim()
}
