// /login/:code: whom the link signs in, and a button that does it. Opening the page uses nothing up: mail scanners open
// links, too.

import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useRouter } from '@tanstack/react-router'

import { api, ApiError, ask } from '../api/client'
import { Button } from '../ui/button'
import { useWords } from '../words/words'
import { Card } from './card'
import { CodeForm } from './code-form'
import { type Code, enterByLink } from './enter'
import styles from './sign-in.module.css'
import { useSubmit } from './use-submit'

export function LinkPage() {
  const say = useWords()
  const { code } = useParams({ from: '/login/$code' })
  const { data: owner, error } = useQuery({
    queryKey: ['login-link', code],
    queryFn: () => ask(api.GET('/auth/login_links/{code}', { params: { path: { code } } })),
    retry: false,
    staleTime: Infinity,
  })
  if (error !== null) return <Refused isGone={error instanceof ApiError && error.status === 404} />
  if (owner === undefined) return <Card title={say('common.loading')}>{null}</Card>
  const text =
    owner.account_name === null
      ? owner.email
      : say('signIn.invited', { email: owner.email, account: owner.account_name })
  return (
    <Card title={say('signIn.signInAs', { name: owner.name })} text={text}>
      <Enter code={code} isSecondAsked={owner.mfa_required} />
    </Card>
  )
}

interface EnterProps {
  readonly code: string
  readonly isSecondAsked: boolean
}

function Enter({ code, isSecondAsked }: EnterProps) {
  const say = useWords()
  const { history } = useRouter()
  const { isBusy, error, on } = useSubmit()
  const enter = async (second: Code) => {
    const { isIn } = await enterByLink(code, second)
    if (isIn) history.replace('/')
  }
  if (isSecondAsked) return <CodeForm submit={say('signIn.signIn')} onCode={enter} />
  return (
    <form className={styles.actions} onSubmit={on(() => enter({}))}>
      {error !== null && (
        <p className={styles.failed} role="alert">
          {error}
        </p>
      )}
      <Button type="submit" look="primary" disabled={isBusy} autoFocus>
        {say('signIn.signIn')}
      </Button>
    </form>
  )
}

function Refused({ isGone }: { readonly isGone: boolean }) {
  const say = useWords()
  const navigate = useNavigate()
  return (
    <Card
      title={say(isGone ? 'signIn.gone' : 'signIn.unknown')}
      text={say(isGone ? 'signIn.goneText' : 'signIn.offline')}
    >
      <Button look="primary" onClick={() => void navigate({ to: '/login' })}>
        {say('signIn.another')}
      </Button>
    </Card>
  )
}
