// The key that a mail carries through a provider, as metadata, and that its webhooks bring back: the message's number
// and its mark, so that webhooks of another installation at the same provider account are not taken for ours.

/** At most 50 characters of `[0-9a-f-]`. Never throws. */
export function formatLifeLineKey(messageId: number, mark: string): string {
  return `${String(messageId)}-${mark}`
}
