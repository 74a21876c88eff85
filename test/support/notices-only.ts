// What the sender of notices never asks for: the options of delivery that concern mail to contacts.

import type { DeliveryOptions } from '../../src/delivery/send-reply.ts'

const never = () => Promise.reject(new Error('a notice is no message of a contact'))

export const noticesOnly: Pick<DeliveryOptions, 'handOver' | 'recordDelivery' | 'findSuppressed' | 'noteActivity'> = {
  handOver: never,
  recordDelivery: never,
  findSuppressed: never,
  noteActivity: never,
}
