// How long names and subjects of mail may be where they are kept and shown: RFC 5322 §2.1.1 sets 998 characters for a
// line, contacts have 255 for a name. What is longer is cut and marked; the raw mail has it whole.

const maxName = 255
const maxSubject = 998

/** A display name of at most 255 characters; one that was cut ends in "…". Never throws. */
export function boundName(name: string): string {
  return bound(name, maxName)
}

/** A subject of at most 998 characters; one that was cut ends in "…". Never throws. */
export function boundSubject(subject: string): string {
  return bound(subject, maxSubject)
}

// By characters, not by halves of them.
function bound(text: string, length: number): string {
  if (text.length <= length) return text
  const characters = Array.from(text.slice(0, 2 * length + 2))
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`
}
