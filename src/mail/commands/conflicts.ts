// Commands of one mail that contradict each other, and those that need an answer where there is none.

import type { Command, CommandProblem, CommandRequest } from './command.ts'

/** The problems of commands that are understood one by one. Never throws. */
export function findConflicts(
  commands: readonly Command[],
  answer: { readonly hasAnswer: boolean; readonly isNote: boolean },
): CommandProblem[] {
  return [
    ...aspects.flatMap((aspect) => conflictIn(commands, aspect)),
    ...labelConflicts(commands),
    ...lonely(commands, answer),
  ]
}

type Aspect = (request: CommandRequest) => unknown

// What a command settles: two commands may not settle it differently. Blocking a contact resolves the conversation.
const aspects: readonly Aspect[] = [
  (request) => {
    if (request.kind === 'status') return request.status
    if (request.kind === 'block') return 'resolved'
    return request.kind === 'snooze' ? request.until : undefined
  },
  (request) => (request.kind === 'assign' ? request.to : undefined),
  (request) => (request.kind === 'team' ? [request.name?.toLowerCase()] : undefined),
  (request) => (request.kind === 'priority' ? [request.priority] : undefined),
  (request) => (request.kind === 'to' ? [request.mailbox.address] : undefined),
]

function conflictIn(commands: readonly Command[], aspect: Aspect): CommandProblem[] {
  const settled = new Map<string, string>()
  for (const { said, request } of commands) {
    const value = aspect(request)
    const key = JSON.stringify(value)
    if (value !== undefined && !settled.has(key)) settled.set(key, said)
  }
  return settled.size < 2 ? [] : [contradiction([...settled.values()])]
}

function labelConflicts(commands: readonly Command[]): CommandProblem[] {
  const labelsOf = (isThere: boolean): string[] =>
    commands.flatMap(({ request }) => (request.kind === 'label' && request.isThere === isThere ? request.labels : []))
  const removed = new Set(labelsOf(false))
  const both = labelsOf(true).find((label) => removed.has(label))
  return both === undefined ? [] : [contradiction([`#label ${both}`, `#unlabel ${both}`])]
}

function contradiction(said: readonly string[]): CommandProblem {
  return { said: said.join(' and '), why: 'they contradict each other', instead: 'Keep one of them.' }
}

function lonely(
  commands: readonly Command[],
  { hasAnswer, isNote }: Parameters<typeof findConflicts>[1],
): CommandProblem[] {
  const saidOf = (kind: CommandRequest['kind']): string | undefined =>
    commands.find(({ request }) => request.kind === kind)?.said
  const [begins, copied, secret] = [saidOf('to'), saidOf('cc'), saidOf('private')]
  const sends = begins ?? copied
  if (sends !== undefined && secret !== undefined) return [contradiction([secret, sends])]
  if (copied !== undefined && isNote) return [copyOfNote(copied)]
  if (hasAnswer) return []
  return [
    ...(begins === undefined
      ? []
      : [{ said: begins, why: 'there are no words to send', instead: 'Write them below it.' }]),
    ...(copied === undefined
      ? []
      : [{ said: copied, why: 'there is no answer to send a copy of', instead: 'Write the answer below it.' }]),
    ...(secret === undefined
      ? []
      : [{ said: secret, why: 'there are no words to keep', instead: 'Write the note below it, or use #note.' }]),
  ]
}

const copyOfNote = (said: string): CommandProblem => ({
  said,
  why: 'an answer to a private note stays inside your team',
  instead: 'Leave it out, or write to the customer in the conversation.',
})
