// Stores a person's drafts and unsent messages in this browser, under the person's id. Another person who signs in here
// does not see them, and signing out deletes them. All tabs show the same person: after a sign-in or sign-out in one
// tab, the others read everything again.

const prefix = 'rethread.own.'
const personKey = 'rethread.person'
let person: number | null = null

/** The signed-in person; while a session has ended, the last one. */
export const ownerId = (): number | null => person

const keyOf = (name: string): string => `${prefix}${String(person)}.${name}`

/** Never throws. */
export function readOwn(name: string): string | null {
  try {
    return person === null ? null : localStorage.getItem(keyOf(name))
  } catch {
    return null
  }
}

/** Null removes it. Throws where the storage is full or refused. */
export function writeOwn(name: string, text: string | null): void {
  if (person === null) return
  if (text === null) localStorage.removeItem(keyOf(name))
  else localStorage.setItem(keyOf(name), text)
}

/** What is kept under names that begin so, by the rest of the name. Never throws. */
export function listOwn(begin: string): ReadonlyMap<string, string> {
  const own = keyOf(begin)
  const found = new Map<string, string>()
  for (const key of keys()) if (key.startsWith(own)) found.set(key.slice(own.length), localStorage.getItem(key) ?? '')
  return found
}

/** A user is signed in: deletes the entries of other users. Never throws. */
export function beginPerson(id: number): void {
  person = id
  forget((key) => !key.startsWith(keyOf('')))
  try {
    if (localStorage.getItem(personKey) !== String(id)) localStorage.setItem(personKey, String(id))
  } catch {
    // Storage is refused: nothing is kept in it either.
  }
}

/** After sign-out: deletes all data of the user. Leave the page afterwards. Never throws. */
export function endPerson(): void {
  forget(() => true)
  person = null
  try {
    localStorage.removeItem(personKey)
  } catch {
    // As above.
  }
}

function forget(which: (key: string) => boolean): void {
  for (const key of keys()) if (key.startsWith(prefix) && which(key)) localStorage.removeItem(key)
}

function keys(): string[] {
  try {
    return Object.keys(localStorage)
  } catch {
    return []
  }
}

/** Calls `listener` when a key of the own storage was changed in another tab. */
export function listenToOwn(begin: string, listener: () => void): void {
  addEventListener('storage', ({ key }) => {
    if (key?.startsWith(keyOf(begin)) === true) listener()
  })
}

addEventListener('storage', ({ key, newValue }) => {
  if (key === personKey && newValue !== (person === null ? null : String(person))) location.reload()
})
