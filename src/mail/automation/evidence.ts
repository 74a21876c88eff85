// Input and result of the classification of a mail.
import type { Automation, DeliveryReport, HeaderField, ParsedAttachment } from '../parsed-mail.ts'

export interface MailEvidence {
  readonly fields: readonly HeaderField[]
  /** Decoded. */
  readonly subject: string
  readonly text: string
  readonly attachments: readonly ParsedAttachment[]
  /** MAIL FROM as received by the ingress; '' is the null reverse-path. */
  readonly reversePath: string | null
}

export interface AutomationJudgement {
  readonly automation: Automation
  /** '' for a person. */
  readonly automationEvidence: string
  readonly deliveries: readonly DeliveryReport[]
}
