// Agent bots of an account and of the installation: programs that receive events by webhook and answer with a token of
// their own.

import { randomBytes } from 'node:crypto'

import type { Db } from '../../db/client.ts'
import type { Prisma } from '../../db/generated/client.ts'
import { inTransaction, type Pool } from '../../db/pool.ts'
import { issueToken } from '../people/access-tokens.ts'
import type { Saved } from '../records/problem.ts'
import { toAgentBotRow } from '../records/row-mapping.ts'
import type { AgentBotRow, Json } from '../records/rows.ts'
import { defined, findProblems, isBlank, isLine, isWebUrl, type Rule, saveRecord } from '../records/save.ts'
import { insertBot } from './insert-bot.ts'

export interface AgentBotFields {
  readonly name?: string | null | undefined
  readonly description?: string | null | undefined
  readonly outgoingUrl?: string | null | undefined
  readonly botType?: string | undefined
  readonly botConfig?: Json | undefined
  readonly avatarUrl?: string | null | undefined
}

const rules: readonly Rule<AgentBotFields>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  [
    'description',
    'is too long (maximum is 20000 characters)',
    ({ description }) => (description ?? '').length > 20_000,
  ],
  ['outgoing_url', 'is invalid', ({ outgoingUrl }) => typeof outgoingUrl === 'string' && !isWebUrl(outgoingUrl)],
  ['avatar_url', 'is invalid', ({ avatarUrl }) => typeof avatarUrl === 'string' && !isWebUrl(avatarUrl)],
  ['bot_type', 'is invalid', ({ botType }) => botType !== undefined && botType !== 'webhook'],
  ['bot_config', 'is too long', ({ botConfig }) => JSON.stringify(botConfig ?? {}).length > 65_536],
]

const newSecret = (): string => randomBytes(24).toString('base64url')

export function createAgentBots(sql: { readonly db: Db; readonly pool: Pool }) {
  const { db, pool } = sql
  const find = async (where: Prisma.AgentBotWhereInput): Promise<AgentBotRow | null> => {
    const record = await db.agentBot.findFirst({ where })
    return record === null ? null : toAgentBotRow(record)
  }
  const list = async (where: Prisma.AgentBotWhereInput): Promise<AgentBotRow[]> =>
    (await db.agentBot.findMany({ where, orderBy: { id: 'asc' } })).map(toAgentBotRow)
  const usableIn = (accountId: number): Prisma.AgentBotWhereInput => ({ OR: [{ accountId }, { accountId: null }] })
  return {
    /** Those that an account may give its inboxes and conversations. */
    listBots: (accountId: number): Promise<AgentBotRow[]> => list(usableIn(accountId)),
    findBot: (accountId: number, id: number): Promise<AgentBotRow | null> => find({ ...usableIn(accountId), id }),
    /** One that the account may change. */
    findOwnBot: (accountId: number, id: number): Promise<AgentBotRow | null> => find({ accountId, id }),

    /** Bots of all accounts, and of the installation. */
    listAllBots: (): Promise<AgentBotRow[]> => list({}),
    findAnyBot: (id: number): Promise<AgentBotRow | null> => find({ id }),

    /** True if the bot works in the account; bots of the installation are admitted nowhere else. */
    worksIn: (bot: AgentBotRow, accountId: number): Promise<boolean> => worksIn(db, bot, accountId),

    /** A bot and its token, which is returned only here. */
    async createBot(
      accountId: number | null,
      given: AgentBotFields,
    ): Promise<Saved<{ readonly bot: AgentBotRow; readonly token: string }>> {
      const fields = normalise({ ...given, name: given.name ?? '' })
      return saveRecord({ problems: findProblems(rules, fields), unique: 'name' }, () =>
        inTransaction(pool, async (tx) => {
          const { name, description = null, outgoingUrl = null, botConfig = {}, avatarUrl = null } = fields
          const secret = newSecret()
          const id = await insertBot(tx, { accountId, name, description, outgoingUrl, botConfig, avatarUrl, secret })
          const { token } = await issueToken(tx, { agentBotId: id }, null)
          const bot = {
            id,
            accountId,
            name: name ?? '',
            description,
            outgoingUrl,
            botType: 'webhook',
            botConfig,
            avatarUrl,
            secret,
          }
          return { bot, token }
        }),
      )
    },

    async updateBot(bot: AgentBotRow, given: AgentBotFields): Promise<Saved<AgentBotRow>> {
      const fields = normalise(given)
      const { botConfig, name, ...columns } = fields
      const data = {
        ...defined({ ...columns, name: name ?? undefined }),
        ...(botConfig === undefined ? {} : { botConfig: botConfig as object }),
      }
      return saveRecord({ problems: findProblems(rules, fields), unique: 'name' }, async () =>
        toAgentBotRow(await db.agentBot.update({ where: { id: bot.id }, data })),
      )
    },

    /** Its tokens are invalid afterwards, and its inboxes have no bot; its messages stay. */
    async deleteBot(bot: AgentBotRow): Promise<void> {
      await db.agentBot.deleteMany({ where: { id: bot.id } })
    },

    async resetSecret(bot: AgentBotRow): Promise<AgentBotRow> {
      return toAgentBotRow(await db.agentBot.update({ where: { id: bot.id }, data: { secret: newSecret() } }))
    },
  }
}

async function worksIn(db: Db, bot: AgentBotRow, accountId: number): Promise<boolean> {
  if (bot.accountId !== null) return bot.accountId === accountId
  const select = { id: true } as const
  const inbox = await db.inbox.findFirst({ where: { accountId, agentBotId: bot.id }, select })
  return (
    inbox !== null ||
    (await db.conversation.findFirst({ where: { accountId, assigneeAgentBotId: bot.id }, select })) !== null
  )
}

function normalise(fields: AgentBotFields): AgentBotFields {
  const blankToNull = (text: string | null | undefined) => (isBlank(text) ? null : text?.trim())
  return defined({
    ...fields,
    name: fields.name?.trim(),
    outgoingUrl: blankToNull(fields.outgoingUrl),
    avatarUrl: blankToNull(fields.avatarUrl),
  })
}
