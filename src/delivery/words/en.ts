// The fixed sentences of outgoing mail in English. Other languages have the same keys and placeholders.

export const en = {
  attachments: 'Attachments:',
  attachment: 'attachment: {name}',
  'attachments.more': 'and {count} more',
  'subject.conversation': 'Your conversation with {account}',
  'from.friendly': '{agent} from {business}',
  'from.via': '{author} via {inbox}',
  'quote.intro': 'On {date}, {name} wrote:',
  'settings.reason': 'You get this mail because of your notification settings.',
  'settings.change': 'Change them',

  'author.none': 'A sender without an address',
  'author.label.notVerified': '{who}, not verified,',
  'author.wrote': '{who} wrote.',
  'author.wrote.filed': '{who} wrote a mail that a person filed here by hand, into the conversation of {owner}.',
  'author.wrote.viaOther': '{who} wrote by the reply address of {owner}, which is not theirs.',
  'author.wrote.in': '{who} wrote in the conversation of {owner}.',
  'author.verified': 'The sender is verified.',
  'author.notVerified': 'The sender is not verified: the address may be forged.',

  'notice.subject': 'New message',
  'notice.assigned': 'Conversation {number} was assigned to you automatically.',
  'notice.assigned.by': 'Conversation {number} was assigned to you by {by}.',
  'notice.answer': 'Reply to this email to answer the customer: what you write goes to {email}.',
  'notice.answer.none':
    'The customer of this conversation has no email address: an answer to this email stays in the conversation.',
  'notice.commands': 'Commands such as #resolve or #snooze 2d can stand on the first lines of your reply.',
  'notice.place': 'Conversation {number} in {inbox}, assigned to {assignee}.',
  'notice.open': 'Open the conversation',
  'assignee.you': 'you',
  'assignee.nobody': 'nobody',
  'fact.conversation': 'Conversation',
  'fact.inbox': 'Inbox',
  'fact.assignee': 'Assigned to',
  'fact.file': 'File',

  'digest.subject.one': '1 mail needs a person',
  'digest.subject': '{count} mails need a person',
  'digest.title.one': 'One mail could not be placed in a conversation and waits for a person.',
  'digest.title': '{count} mails could not be placed in a conversation and wait for a person.',
  'digest.title.many': 'More than {count} mails could not be placed in a conversation and wait for a person.',
  'digest.noAuthor': 'no author',
  'digest.noSubject': 'no subject',
  'digest.open': 'See them, and what can be done',
  'digest.often': 'This is mailed once a day while something is held. Switch it off in your notification settings.',

  'held.subject': 'Not sent: answer',
  'held.subject.to': 'Not sent: answer to conversation {number}',
  'held.notSent': 'Your answer was not sent to the customer.',
  'held.notSent.to': 'Your answer to conversation {number} was not sent to the customer.',
  'held.notSent.of': 'An answer of {email} is held and was not sent to the customer.',
  'held.notSent.of.to': 'An answer of {email} to conversation {number} is held and was not sent to the customer.',
  'held.why.agent-with-customer-token':
    'It was sent to the reply address of the customer, and an agent can only answer from a notice of their own.',
  'held.why.agent-not-verified': 'No mail server that we trust confirms that it is from you.',
  'held.why.agent-mail-degraded': 'Only a part of it could be read.',
  'held.why.of.agent-not-verified': 'No mail server that we trust confirms that it is from this agent.',
  'held.itsSubject': 'Its subject: {subject}',
  'held.noSubject': '(none)',
  'held.todo.agent-with-customer-token': 'Reply to the notice that you got about this conversation.',
  'held.todo.agent-not-verified':
    'Ask your administrator to set up sender authentication (AUTHSERV_ID, SPF, DKIM and DMARC of your domain), or ' +
    'answer in the conversation itself.',
  'held.todo.agent-mail-degraded': 'Send it again as plain text.',
  'held.sendOn': 'An administrator can also send it on: {command}',
  'held.notYou':
    'If you did not write this mail, another person used your address, and you need not do anything. Further ' +
    'answers that are held within an hour are not announced.',
  'held.list': 'All held mail: {command}',
  'held.sendAs': "To send it on as the agent's: {command}. Be sure that the agent wrote it.",
  'held.further': 'Further answers that are held today are not announced to administrators.',
  'held.open': 'See held mail',

  'undo.subject': 'Your answer to {name} leaves at {time}',
  'undo.text': 'Your answer to {name} leaves at {time}. Until then you can stop it.',
  'undo.button': 'Stop it',
  'undo.commands': 'Done already, and not undone when you stop it: {commands}',
  'undo.quiet': 'Do not reply to this mail. After that time the page of the link only says that your answer has left.',

  'team.subject': '[{number}] A rule has looked at a conversation in {inbox}',
  'team.place': 'Conversation {number}',

  'transfer.subject.import.completed': 'Contact import completed',
  'transfer.subject.import.failed': 'Contact import failed',
  'transfer.subject.export.completed': 'Contact export completed',
  'transfer.subject.export.failed': 'Contact export failed',
  'transfer.exported': 'The contacts of {account} ({count}) are ready for seven days:',
  'transfer.download': 'Download the contacts',
  'transfer.rows': 'Rows read: {count}.',
  'transfer.contacts': 'Contacts created: {created}, updated: {changed}.',
  'transfer.refused': 'Rows refused: {count}.',
  'transfer.refusedFile': 'The refused rows, each with its reasons: {url} (with your access token)',

  'code.subject': 'A code to confirm this address',
  'code.ask': 'Somebody wants to receive the mail for {email} in an inbox. To allow this, enter this code there:',
  'code.until': 'It is good for {hours} hours. If you did not expect this mail, do not pass the code on.',

  'link.signIn.subject': 'Your link to sign in',
  'link.signIn.text':
    'Somebody asked for a link to sign in as {email}. If that was you, open it. Otherwise nothing happens.',
  'link.signIn.button': 'Sign in',
  'link.confirm.subject': 'Confirm your address',
  'link.confirm.text':
    'Somebody asked to use {email} for their account. If that was you, confirm it here. Otherwise nothing happens.',
  'link.confirm.button': 'Confirm the address',
  'link.invite.subject': 'You are invited',
  'link.invite.text':
    'You are invited to work in the account "{account}". Accept and sign in here. If you do not want to, nothing ' +
    'happens.',
  'link.invite.button': 'Accept the invitation',
  'link.until.minutes': 'The link is good for {count} minutes, once.',
  'link.until.day': 'The link is good for one day, once.',
  'link.until.days': 'The link is good for {count} days, once.',

  'transcript.subject': '[{number}] Conversation Transcript',
  'transcript.empty': 'Nothing has been said in this conversation yet.',
  'transcript.contact': 'Contact',
  'transcript.bot': 'Bot',

  'continuity.you': 'You',
  'continuity.earlier': 'Earlier in this conversation',
  'continuity.proof':
    'A visitor in the chat of {inbox} gave this address. If that was you, just answer this mail. To see your mails ' +
    'in that chat as well, open:',
  'continuity.proof.button': 'Show my mails in the chat',
  'continuity.proof.else': 'If it was not you, do nothing: your mails are not shown there.',
  'continuity.footer': 'You can answer this mail to go on with your conversation with {inbox}.',
} as const
