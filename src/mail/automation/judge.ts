import type { Automation, DeliveryReport, HeaderField, ParsedAttachment } from '../parsed-mail.ts'

export interface MailEvidence {
  readonly fields: readonly HeaderField[]
  readonly subject: string
  readonly text: string
  readonly attachments: readonly ParsedAttachment[]
  readonly reversePath: string | null
}

export interface AutomationJudgement {
  readonly automation: Automation
  readonly automationEvidence: string
  readonly deliveries: readonly DeliveryReport[]
}

export function judgeAutomation(_mail: MailEvidence): AutomationJudgement {
  return { automation: 'person', automationEvidence: '', deliveries: [] }
}
