// Addresses of the client that are made of parts, as plain text for links and moves.

/** The page of a contact. */
export const contactAddress = (accountId: number, contactId: number): string =>
  `/app/accounts/${String(accountId)}/contacts/${String(contactId)}`

/** The page of an accepted mail. */
export const mailAddress = (accountId: number, mailId: number): string =>
  `/app/accounts/${String(accountId)}/mail/${String(mailId)}`

/** The inbox of an account. */
export const inboxAddress = (accountId: number): string => `/app/accounts/${String(accountId)}/conversations`
