// The sub-commands of `rethread inbound`.

import type { Command, Option } from './command.ts'

const json: Option = { does: 'print JSON' }
const yes: Option = { does: 'do not ask' }

export const inboundActs: Command['acts'] = {
  list: {
    args: '',
    does: 'accepted mail, newest first',
    options: {
      status: { value: 'S', does: 'pending, processing, delivered, held, ignored or failed' },
      reason: { value: 'R', does: 'only mail with this reason' },
      query: { value: 'Q', does: 'part of subject, sender, recipient or Message-ID' },
      page: { value: 'N', does: 'page, from 1' },
      json,
    },
    example: 'inbound list --status held',
  },
  show: { args: 'ID', does: 'one mail, and why it went where it did', options: { json }, example: 'inbound show 12' },
  raw: { args: 'ID', does: 'the mail as it was received', example: 'inbound raw 12 > mail.eml' },
  replay: { args: 'ID', does: 'process it again; never twice', options: { json }, example: 'inbound replay 12' },
  file: {
    args: 'ID [CONVERSATION]',
    does: 'file a held mail into a conversation',
    options: {
      account: { value: 'ID', does: 'the account of the conversation, for mail of no account' },
      'send-as-agent': { does: 'send it on to the customer, as the answer of the agent who wrote it' },
      undo: { does: 'take a filing back' },
      json,
    },
    example: 'inbound file 12 3',
  },
  open: {
    args: 'ID',
    does: 'open a conversation for a mail, under its author',
    options: {
      inbox: { value: 'ID', does: 'the inbox of the conversation (default: where the mail was going)' },
      undo: { does: 'take it back; the conversation goes, unless something else has happened in it' },
      json,
    },
    example: 'inbound open 12',
  },
  discard: {
    args: 'ID',
    does: 'settle a held or failed mail as ignored',
    options: { undo: { does: 'take it back' }, json },
    example: 'inbound discard 12',
  },
  block: {
    args: 'ID',
    does: 'ignore a mail and all further mail of its sender',
    options: { undo: { does: 'unblock the sender' }, json },
    example: 'inbound block 12',
  },
  incinerate: {
    args: 'ID',
    does: 'delete a mail and the text of its message permanently',
    options: { yes },
    example: 'inbound incinerate 12 --yes',
    confirm: 'Delete this mail and the text of its message permanently?',
  },
}
