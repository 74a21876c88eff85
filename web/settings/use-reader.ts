// Who reads the settings: an administrator of the account, of the installation, or neither.

import { useQuery } from '@tanstack/react-query'

import { profileQuery } from '../api/session'
import { useAccountId } from '../shell/go'
import type { Reader } from './pages'

export function useReader(): Reader {
  const accountId = useAccountId()
  const { data: profile } = useQuery(profileQuery)
  return {
    isAdministrator: profile?.accounts.find(({ id }) => id === accountId)?.role === 'administrator',
    isOperator: profile?.type === 'SuperAdmin',
  }
}
