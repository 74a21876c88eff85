// The sub-commands of `rethread inbound`.

import type { Command, Option } from './command.ts'

const json: Option = { does: 'print JSON' }
const yes: Option = { does: 'do not ask' }

export const inboundSubcommands: Command['subcommands'] = {
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
  replay: {
    args: 'ID',
    does: 'process it again; a mail never becomes two messages',
    options: { json },
    example: 'inbound replay 12',
  },
  file: {
    args: 'ID [CONVERSATION]',
    does: 'file a mail into a conversation',
    options: {
      account: { value: 'ID', does: 'the account of the conversation, for mail of no account' },
      'send-as-agent': { does: 'send it to the customer as the answer of its agent' },
      undo: { does: 'undo a filing' },
      json,
    },
    example: 'inbound file 12 3',
  },
  open: {
    args: 'ID',
    does: 'create a conversation for a mail, with its author as contact',
    options: {
      inbox: { value: 'ID', does: 'the inbox of the conversation (default: where the mail was going)' },
      undo: { does: 'undo it; the conversation is deleted unless it has other messages' },
      json,
    },
    example: 'inbound open 12',
  },
  discard: {
    args: 'ID',
    does: 'ignore a held or failed mail',
    options: { undo: { does: 'undo it' }, json },
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
