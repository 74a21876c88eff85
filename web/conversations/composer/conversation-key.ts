// What names a conversation in the API's paths.

export interface ConversationKey {
  readonly accountId: number
  readonly displayId: number
}
