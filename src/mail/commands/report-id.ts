// The Message-ID of a report about commands names the mail that it is about. A corrected mail answers the report, and
// replaces that mail.

/** The left-hand side. Never throws. */
export function formatReportId(inboundEmailId: number): string {
  return `commands/${String(inboundEmailId)}`
}

/** The mails whose reports are among these Message-IDs. Never throws. */
export function readReportIds(messageIds: readonly string[]): number[] {
  return messageIds.flatMap((messageId) => {
    const digits = /^commands\/(\d{1,9})@/.exec(messageId)?.[1]
    return digits === undefined ? [] : [Number(digits)]
  })
}
