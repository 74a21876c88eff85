// Routes of accepted mail, each declared once and served twice: below an account, and for the installation, including
// mail of no account. Below an account some are for administrators only, and some for every member, limited to the mail
// that they see.

import type { z } from 'zod'

import type { Scope } from '../../contracts/inbound-email.ts'
import type { Member } from '../access/auth.ts'
import { idOf } from '../input/fields.ts'
import type { ActingPerson } from '../present/inbound-email-access.ts'
import {
  forAdministrator,
  forInstallation,
  forMember,
  type Handler,
  type Request,
  type Route,
  type RouteSpec,
} from '../request/route.ts'

export type Scoped<Asked = Request> = Asked & { readonly scope: Scope; readonly by: ActingPerson }
type Name = Parameters<typeof forInstallation>[0]

/** For administrators of the account, and of the installation. */
export function forAdministrators<const Shape extends z.ZodRawShape, Answers extends z.ZodType | undefined>(
  name: Name,
  spec: RouteSpec<Shape, Answers>,
  handle: Handler<Scoped, Shape, Answers>,
): Route[] {
  return [
    forAdministrator(name, spec, (request) => handle({ ...request, ...scopeOf(request.member) })),
    forWholeInstallation(name, spec, handle),
  ]
}

/** As `forAdministrators`, and for agents of the account on the mail that they see. */
export function forMembers<const Shape extends z.ZodRawShape, Answers extends z.ZodType | undefined>(
  name: Name,
  spec: RouteSpec<Shape, Answers>,
  handle: Handler<Scoped, Shape, Answers>,
): Route[] {
  return [
    forMember(name, spec, (request) => handle({ ...request, ...scopeOf(request.member) })),
    forWholeInstallation(name, spec, handle),
  ]
}

function forWholeInstallation<const Shape extends z.ZodRawShape, Answers extends z.ZodType | undefined>(
  name: Name,
  spec: RouteSpec<Shape, Answers>,
  handle: Handler<Scoped, Shape, Answers>,
): Route {
  return forInstallation(name, { ...spec, tag: 'Installation' }, (request) =>
    handle({ ...request, scope: { accountId: null }, by: personOf(request.caller) }),
  )
}

/** The member's scope, and the author recorded for their actions. Never throws. */
function scopeOf(member: Member): { scope: Scope; by: ActingPerson } {
  const accountId = member.account.id
  const inboxIds = member.visibleInboxes
  const scope = inboxIds === null ? { accountId } : { accountId, agent: { userId: member.user.id, inboxIds } }
  return { scope, by: personOf(member) }
}

function personOf({ performer, user }: Pick<Member, 'performer' | 'user'>): ActingPerson {
  return { mark: performer, userId: user.id }
}

export const idIn = (request: Request): number => idOf(request.params['id'])
