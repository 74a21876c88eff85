// Phone numbers as people and spreadsheets write them: "+47 91 23 45 67", "0047 91-23-45-67", "(047) 91234567", "+49
// (0)171 1234567". Kept is E.164: a plus and digits.

const looksLikeNumber = /^\+?[\d\s().\/\u2010-\u2015\u2212-]+$/

/**
 * The digits of what may be a part of a phone number, without zeros before them; null for a text that is none, or
 * less than three digits. Never throws.
 */
export function phoneDigits(text: string): string | null {
  const bare = text.normalize('NFKC').trim().replace(/^tel:/i, '')
  if (!looksLikeNumber.test(bare)) return null
  const digits = bare
    .replace(/\(\s*0\s*\)/g, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '')
  return digits.length < 3 ? null : digits
}

/**
 * A number with its country code, as it is stored; any other text is returned unchanged, to be refused. Never throws.
 */
export function toPhoneNumber(text: string): string {
  const bare = text
    .normalize('NFKC')
    .replace(/\(\s*0\s*\)/g, '')
    .replace(/[\s().\/\u2010-\u2015\u2212-]/g, '')
  return bare.startsWith('+') ? bare : `+${bare.replace(/^00/, '')}`
}
