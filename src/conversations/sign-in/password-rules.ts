// Which passwords are taken: eight characters or more (NIST SP 800-63B §5.1.1), and none of those that every attacker
// tries first.

import type { Problem } from '../records/problem.ts'

const least = 8
const most = 200

// The commonest of published lists that are long enough; digits and case beside the word do not matter.
const commonest = new Set(
  `password passw0rd p@ssw0rd p@ssword qwertyui qwertyuiop qwerty azertyui azerty asdfghjk asdfghjkl zxcvbnm
   iloveyou sunshine princess football baseball basketball superman batman welcome letmein trustno
   starwars whatever computer internet
   charlie jennifer michelle jordan michael shadow master monkey dragon freedom passwort kennwort hallo geheim
   administrator admin rethread chatwoot support changeme default secret login abcdefgh abcdefghi abcd abc aaaaaaaa
   qazwsx qazwsxedc zaqxsw liverpool chelsea arsenal samsung pokemon google facebook
   motdepasse bonjour contrasena`.split(/\s+/),
)

/** The problem of a text as a password. */
export function findPasswordProblems(password: string, email: string): Problem[] {
  const { length } = password
  if (length < least)
    return [{ attribute: 'password', message: `is too short (minimum is ${String(least)} characters)` }]
  if (length > most) return [{ attribute: 'password', message: `is too long (maximum is ${String(most)} characters)` }]
  return isGuessable(password.toLowerCase(), email.toLowerCase())
    ? [{ attribute: 'password', message: 'is among the first that anybody would guess, choose another' }]
    : []
}

function isGuessable(password: string, email: string): boolean {
  const word = password.replace(/^[\d\p{P}\p{S}\s]+|[\d\p{P}\p{S}\s]+$/gu, '')
  return (
    isRepetition.test(password) ||
    isNumber.test(password) ||
    [word, password].some((one) => commonest.has(one)) ||
    [email, email.split('@')[0]].includes(password)
  )
}

const isRepetition = /^(.{1,4})\1+.{0,3}$/u
// A date or a telephone number.
const isNumber = /^\d{1,12}$/
