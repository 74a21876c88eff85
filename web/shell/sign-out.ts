// Signing out: words that are only in this browser go to the server first, then nothing of the person stays here.

import { ApiError } from '../api/client'
import { endPerson } from '../api/own-storage'
import { saveAllWords } from '../conversations/composer/take-up'

/** Leaves the page. Throws `ApiError` while the session cannot be ended: then it still is. */
export async function signOut(): Promise<void> {
  await saveAllWords()
  const answer = await fetch('/auth/sign_out', { method: 'DELETE', credentials: 'same-origin' }).catch(() => null)
  // 404: the session had already ended.
  if (answer === null || (!answer.ok && answer.status !== 404))
    throw new ApiError(answer?.status ?? 0, 'not signed out')
  endPerson()
  location.assign('/login')
}
