// Changes of the text in a field, as if they were typed: the browser's own undo takes them back.

/** Puts text in place of what is selected. */
export function insertText(field: HTMLTextAreaElement, text: string): void {
  field.focus()
  // Deprecated, and still the only way that keeps the undo history of a field (HTML Living Standard, execCommand).
  if (!document.execCommand('insertText', false, text))
    field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end')
}

/** Puts Markdown's signs around what is selected. */
export function wrapSelection(field: HTMLTextAreaElement, before: string, after = before): void {
  const { selectionStart: start, selectionEnd: end, value } = field
  const selected = value.slice(start, end)
  insertText(field, `${before}${selected}${after}`)
  const from = start + before.length
  field.setSelectionRange(from, from + selected.length)
}

/** Puts a sign before each selected line. */
export function prefixLines(field: HTMLTextAreaElement, prefix: (line: number) => string): void {
  const { selectionStart, selectionEnd, value } = field
  const start = value.lastIndexOf('\n', selectionStart - 1) + 1
  field.setSelectionRange(start, selectionEnd)
  const lines = value.slice(start, selectionEnd).split('\n')
  insertText(field, lines.map((line, position) => `${prefix(position + 1)}${line}`).join('\n'))
}
