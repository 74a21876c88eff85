// SNS signatures: literals that others made, and what an address of AWS is.

import { describe, expect, test } from 'vitest'

import { checkSns, createCertificateReader, snsHostOf } from '../../../src/ingress/signatures/sns.ts'
import { createHttpStage } from './http-support.ts'

// From the tests of Rails' Action Mailbox for SES (MIT): made there with a key of their own, signature version 1.
const token = 'abc123'.repeat(42).slice(0, 252)
const confirmation = {
  Type: 'SubscriptionConfirmation',
  MessageId: 'abc12345-abc1-abc1-abc1-abc123456789',
  Token: `${token}abc1`.slice(0, 256),
  TopicArn: 'arn:aws:sns:eu-west-1:111111111111:example-topic',
  Message:
    'You have chosen to subscribe to the topic arn:aws:sns:eu-west-1:111111111111:example-topic. To ' +
    'confirm the subscription, visit the SubscribeURL included in this message.',
  SubscribeURL:
    'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&' +
    `TopicArn=arn:aws:sns:eu-west-1:111111111111:example-topic&Token=${'abcd1234'.repeat(32)}`,
  Timestamp: '2020-05-07T07:25:25.364Z',
  SignatureVersion: '1',
  Signature:
    'GAsxK1irVT7qD0bWPNiZkgL+4Kbj+sFxzKd5pYtemNqxjuKdcxWEWBN510Ug\n' +
    'tMZFq4gKewm/Gi2BXHy6A4Lm2y6DtN27/5EjluE6F15J5rS2bvRvsg1/mCR7\n' +
    'tlYYYN39IHAqTTyGTtqttX+wHK9doqtHweq5/14CTYKB3+vYlGQWznyrSnrm\n' +
    'fNnF25snRu+AlNafHvp1023JMP3QA8wcDu9zhQvWasFVHkglAql9aYuOVuvp\n' +
    'hxeGQQxz/Pc4bm7dNSs5VPDEU5B71hX4lrzDfVG45ogKQatTn63swZy9xvto\n' +
    '324j2lg2LljAnULQRTXt/iv8rV3L7mXV1CpUQ+qtJA==\n',
  SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a86cb10b4e1f29c941702d737128f7b6.pem',
}
const certificate = `-----BEGIN CERTIFICATE-----
MIIDQjCCAiqgAwIBAgIBAjANBgkqhkiG9w0BAQsFADBLMRMwEQYKCZImiZPyLGQB
GRYDb3JnMRkwFwYKCZImiZPyLGQBGRYJcnVieS1sYW5nMRkwFwYDVQQDDBBSdWJ5
IGNlcnRpZmljYXRlMB4XDTIwMDkyNDE0MDgzM1oXDTIxMDkyNDE0MDgzM1owSzET
MBEGCgmSJomT8ixkARkWA29yZzEZMBcGCgmSJomT8ixkARkWCXJ1YnktbGFuZzEZ
MBcGA1UEAwwQUnVieSBjZXJ0aWZpY2F0ZTCCASIwDQYJKoZIhvcNAQEBBQADggEP
ADCCAQoCggEBANo4bPJC3wSyz08AdqQ+0wd61fyilOcSR0+5+ZKHCz//0hbk064F
BEvQ1ir1AS2hprAAqKQoKX62OWdaJgtsp/fgmJmjG1XPT/MTc9Zdnn9MO5MrA94G
IcnFhty8YI5/+HtSuVDQedtriZEQDTNorYhkX2zUX4zyv34RGEEYmwAJVPEApNMS
1xFVjBBmcHZqHavsKFSDmdHK6m5bhk1V4sLqHPVeaOA9EuZm1TeKY9VxL3PoEJwv
0hXEZKHxKQuGhzBGgsMQJnPsWnZJ0WPNM6/ka7Qfonp/U/CErXuPQl2XoHl85aSV
0X0EIfSw8PKEB1IUJC6aAZDrrD8yNurR4M0CAwEAAaMxMC8wDgYDVR0PAQH/BAQD
AgeAMB0GA1UdDgQWBBRp3PGg7ef7OHxvS/OcvR7aLl79KjANBgkqhkiG9w0BAQsF
AAOCAQEAFKPQwyi7HiM5lpv0Dra9N+MogmQ9cHbW5oVkuY84HKKISti5QOSVk3Q5
Tv7cNZZEzdeWAfZOYVgiy7MwydW0TZxpCI2A1CLqilpcpKJM43fqi0GEX1jMKX7O
vCKZghyQMFdcMsr7x1C1bp+JDVo33OThKtNpQoJeUdt9xzdQROhDmSOSwOMjP/Ai
sOqGjBkhZrP/YvOTZtxrputEeP81KxFHEP2/TfXgE0cnrWpvNUARedWEl8Pchx/s
aFMhblmbbof0kdLJJycfDY0RILC7WhaPs42a7JlzhiGcTvA+dAjUY+SrluZiX8np
OdEKf4GPqShjUL8FS5xHk4xXu8GZ+g==
-----END CERTIFICATE-----
`
const read = () => Promise.resolve(certificate)

test('a signature made by other software is valid', async () => {
  await expect(checkSns(confirmation, read)).resolves.toBeUndefined()
})

test.each(['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn'] as const)(
  'a changed %s is a forgery',
  async (field) => {
    await expect(checkSns({ ...confirmation, [field]: `${confirmation[field]}x` }, read)).rejects.toMatchObject({
      kind: 'forbidden',
    })
  },
)

test.each([
  { SignatureVersion: '3' },
  { SignatureVersion: '2' },
  { Type: 'Other' },
  { Signature: '' },
  { SigningCertURL: 'https://evil.example/x.pem' },
])('%j is a forgery', async (change) => {
  await expect(checkSns({ ...confirmation, ...change }, read)).rejects.toMatchObject({ kind: 'forbidden' })
})

test.each([{ Token: undefined }, { SignatureVersion: 1 }, { Type: null }])('%j is malformed', async (change) => {
  await expect(checkSns({ ...confirmation, ...change }, read)).rejects.toMatchObject({ kind: 'malformed' })
})

test('an invalid or unavailable certificate is a temporary failure: SNS would not retry a refusal', async () => {
  await expect(checkSns(confirmation, () => Promise.resolve('<html>'))).rejects.toMatchObject({ kind: 'unavailable' })
})

test.each([
  ['https://sns.eu-west-1.amazonaws.com/x.pem', 'sns.eu-west-1.amazonaws.com'],
  ['https://sns.cn-north-1.amazonaws.com.cn/x.pem', 'sns.cn-north-1.amazonaws.com.cn'],
  ['http://sns.eu-west-1.amazonaws.com/x.pem', null],
  ['https://sns.eu-west-1.amazonaws.com:8443/x.pem', null],
  ['https://a@sns.eu-west-1.amazonaws.com/x.pem', null],
  ['https://sns.eu-west-1.amazonaws.com.evil.example/x.pem', null],
  ['https://evil.example/sns.eu-west-1.amazonaws.com/x.pem', null],
  ['https://xsns.eu-west-1.amazonaws.com/', null],
  ['https://s3.amazonaws.com/sns.pem', null],
  ['not a url', null],
])('%s is a URL of SNS: %s', (url, host) => {
  expect(snsHostOf(url)).toBe(host)
})

test('a certificate is fetched once, and again after a failure', async () => {
  const asked: string[] = []
  let isAway = true
  const reader = createCertificateReader((url) => {
    asked.push(url)
    return isAway ? Promise.reject(new Error('away')) : Promise.resolve(Buffer.from('pem'))
  })
  await expect(reader('https://sns.x.amazonaws.com/a.pem')).rejects.toThrow('away')
  isAway = false
  for (let i = 0; i < 3; i++) expect((await reader('https://sns.x.amazonaws.com/a.pem')).toString()).toBe('pem')
  expect(asked).toHaveLength(2)
})

describe('a subscription', () => {
  const confirm = async (
    topic: string,
    answer: (url: string) => Promise<Buffer> = () => Promise.resolve(Buffer.from('<ok/>')),
  ) => {
    const asked: string[] = []
    const stage = await createHttpStage(
      { RAILS_INBOUND_EMAIL_SERVICE: 'ses', SES_INGRESS_TOPIC_ARN: topic },
      'secret',
      {
        fetch: (url) => {
          asked.push(url)
          return url.endsWith('.pem') ? Promise.resolve(Buffer.from(certificate)) : answer(url)
        },
      },
    )
    const response = await fetch(`http://127.0.0.1:${String(stage.port)}/ingress/ses`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=UTF-8' },
      body: JSON.stringify(confirmation),
    })
    await response.arrayBuffer()
    await stage.close()
    return { status: response.status, asked, submissions: stage.door.submissions }
  }

  test('of a configured topic is confirmed automatically', async () => {
    expect(await confirm(confirmation.TopicArn)).toEqual({
      status: 200,
      asked: [confirmation.SigningCertURL, confirmation.SubscribeURL],
      submissions: [],
    })
  })

  test('of another topic is not confirmed, though AWS signed it', async () => {
    expect(await confirm('arn:aws:sns:eu-west-1:111111111111:other')).toEqual({
      status: 403,
      asked: [confirmation.SigningCertURL],
      submissions: [],
    })
  })

  test('that cannot be confirmed now is retried', async () => {
    expect((await confirm(confirmation.TopicArn, () => Promise.reject(new Error('away')))).status).toBe(503)
  })
})
