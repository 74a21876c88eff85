// The roles of reply addresses.

/**
 * What a reply address is for: mail of a contact; answers of an agent to the contact; answers of an agent to a private
 * note, which become private notes; bounces of one outgoing message, as its reverse-path.
 */
export type TokenRole = 'contact' | 'agent' | 'note' | 'bounce'
