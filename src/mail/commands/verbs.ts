// The table of commands: what each takes, who may give it, what it does, and how its argument is read.
// docs/reference/mail-commands.md is made from it.

import { isEmailAddress } from '../address.ts'
import { readWrittenMailbox } from '../written-mailbox.ts'
import { commandPriorities, type CommandPriority, type CommandRequest, type Refusal } from './command.ts'
import { readSnooze } from './read-snooze.ts'

export interface Verb {
  /** The forms of its argument; '' for none. */
  readonly takes: string
  readonly example: string
  readonly who: string
  readonly does: string
  /** Its argument, in one line with single spaces → the request, or why it is refused. */
  readonly read: (given: string) => CommandRequest | Refusal
}

const who = 'every agent who sees the conversation'

const without =
  (verb: string, request: CommandRequest) =>
  (given: string): CommandRequest | Refusal =>
    given === ''
      ? request
      : {
          why: `#${verb} takes nothing after it, and “${given}” follows`,
          instead: `Write #${verb} on a line of its own, and your words below it.`,
        }

const refuseEmpty = (why: string, instead: string) => ({ why, instead })

/** Every command. */
export const verbs: Readonly<Record<string, Verb>> = {
  resolve: {
    takes: '',
    example: '#resolve',
    who,
    does: 'Resolves the conversation.',
    read: without('resolve', { kind: 'status', status: 'resolved' }),
  },
  open: {
    takes: '',
    example: '#open',
    who,
    does: 'Opens the conversation. An agent takes it over; an administrator does not.',
    read: without('open', { kind: 'status', status: 'open' }),
  },
  pending: {
    takes: '',
    example: '#pending',
    who,
    does: 'Marks the conversation as pending.',
    read: without('pending', { kind: 'status', status: 'pending' }),
  },
  snooze: {
    takes: '`30m` `4h` `2d` `1w` `tomorrow` `friday` `next week` `2026-12-24` `2026-12-24 14:30`',
    example: '#snooze tomorrow',
    who,
    does: "Snoozes the conversation. A day begins at 9:00 in the inbox's time zone, or else in the account's.",
    read: readSnooze,
  },
  assign: {
    takes: 'a name, an address, `me` or `nobody`',
    example: '#assign anna@example.com',
    who,
    does: 'Assigns the conversation to an agent, or to nobody. A first name is enough if no other agent has it.',
    read: readAssignee,
  },
  team: {
    takes: 'a name or `none`',
    example: '#team billing',
    who,
    does: 'Assigns the conversation to a team, or to none.',
    read: readTeam,
  },
  label: {
    takes: 'labels',
    example: '#label vip refund',
    who,
    does: 'Adds labels of the account. While the account has none, any word of letters, digits, `-` and `_` is one.',
    read: (given) => readLabels(given, true),
  },
  unlabel: {
    takes: 'labels',
    example: '#unlabel refund',
    who,
    does: 'Removes labels.',
    read: (given) => readLabels(given, false),
  },
  priority: {
    takes: '`low` `medium` `high` `urgent` `none`',
    example: '#priority high',
    who,
    does: 'Sets or removes the priority.',
    read: readPriority,
  },
  note: {
    takes: 'words, to the end of the line',
    example: '#note Called them, they will pay on Friday',
    who,
    does: 'Writes a private note.',
    read: (given) =>
      given === '' ? refuseEmpty('it has no words', 'Write the note on the same line.') : { kind: 'note', text: given },
  },
  private: {
    takes: '',
    example: '#private',
    who,
    does: 'Makes a private note of the words and files of the mail. Nothing is sent to the customer.',
    read: without('private', { kind: 'private' }),
  },
  cc: {
    takes: 'addresses',
    example: '#cc boss@customer.example',
    who,
    does: 'Sends a copy of this answer to further addresses. It works in email inboxes.',
    read: readCopies,
  },
  block: {
    takes: '',
    example: '#block',
    who,
    does: 'Blocks the contact and resolves the conversation.',
    read: without('block', { kind: 'block' }),
  },
  to: {
    takes: 'an address, with or without a name',
    example: '#to Jane Doe <jane@customer.example>',
    who: 'an agent who writes to their own [address for new conversations](../guides/begin-by-mail.md)',
    does: 'Begins a conversation with this contact and sends them the words below.',
    read: readRecipient,
  },
}

function readAssignee(given: string): CommandRequest | Refusal {
  const name = given.replace(/^@/, '')
  if (name === '') return refuseEmpty('it does not say to whom', 'Write #assign and a name, an address, me or nobody.')
  const word = name.toLowerCase()
  if (word === 'me') return { kind: 'assign', to: 'me' }
  return { kind: 'assign', to: word === 'nobody' || word === 'none' ? 'nobody' : { name } }
}

function readTeam(given: string): CommandRequest | Refusal {
  if (given === '') return refuseEmpty('it does not say which team', 'Write #team and a name, or #team none.')
  const word = given.toLowerCase()
  return { kind: 'team', name: word === 'none' || word === 'nobody' ? null : given }
}

const wordsOf = (given: string): string[] => given.split(/[\s,;]+/).filter((word) => word !== '')

function readLabels(given: string, isThere: boolean): CommandRequest | Refusal {
  const verb = isThere ? 'label' : 'unlabel'
  const labels = [...new Set(wordsOf(given.toLowerCase()))]
  if (labels.length === 0) return refuseEmpty('it names no label', `Write #${verb} and one or more labels.`)
  const odd = labels.find((label) => !/^[\p{L}\p{N}_-]{1,255}$/u.test(label))
  return odd === undefined
    ? { kind: 'label', labels, isThere }
    : {
        why: `“${odd}” is no label: a label has letters, digits, - and _`,
        instead: `Write #${verb} and the label, without other characters.`,
      }
}

function readPriority(given: string): CommandRequest | Refusal {
  const word = given.toLowerCase()
  if (word === 'none') return { kind: 'priority', priority: null }
  const priority = commandPriorities.find((name): name is CommandPriority => name === word)
  return priority === undefined
    ? {
        why: given === '' ? 'it does not say which' : `“${given}” is no priority`,
        instead: `Write #priority and one of ${commandPriorities.join(', ')} or none.`,
      }
    : { kind: 'priority', priority }
}

function readRecipient(given: string): CommandRequest | Refusal {
  const instead = 'Write #to and one address, such as #to jane@customer.example.'
  if (given === '') return refuseEmpty('it names no address', instead)
  const mailbox = readWrittenMailbox(given)
  if (mailbox === null) return { why: `“${given}” is not one email address`, instead }
  const end = given.toLowerCase().lastIndexOf(mailbox.address) + mailbox.address.length
  return /[\p{L}\p{N}]/u.test(given.slice(end))
    ? { why: `words follow the address in “${given}”`, instead: 'Write your words below it.' }
    : { kind: 'to', mailbox }
}

function readCopies(given: string): CommandRequest | Refusal {
  const addresses = wordsOf(given).map((word) => word.replace(/^(?:mailto:|<)+|>$/gi, ''))
  if (addresses.length === 0) return refuseEmpty('it names no address', 'Write #cc and one or more addresses.')
  const odd = addresses.find((address) => !isEmailAddress(address))
  return odd === undefined
    ? { kind: 'cc', addresses }
    : { why: `“${odd}” is no email address`, instead: 'Write #cc and addresses such as boss@customer.example.' }
}
