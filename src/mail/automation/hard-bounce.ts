// Which permanent failures are about the address itself, by their enhanced status (RFC 3463, IANA's registry): the
// mailbox or its domain does not exist, or is closed. All other 5.x.x are about this mail, or about today.

// 5.1.1 no such mailbox, 5.1.2 no such host, 5.1.3 invalid address, 5.1.6 moved without a new address, 5.1.10 the
// domain takes no mail (RFC 7505), 5.2.1 mailbox disabled. Not: 5.1.0, 5.1.7, 5.1.8 (may be about the sender), 5.2.2
// (full), 5.2.3 and 5.3.4 (too large), 5.4.x (network), 5.6.x (content), 5.7.x (policy), 5.0.0 (nothing said).
const aboutAddress = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1'])

/** True for a status that says that mail to the address will never arrive. Never throws. */
export function isHardBounce(status: string): boolean {
  return aboutAddress.has(status)
}
