// A Cloudflare Email Worker that hands each mail, as it came, to the relay ingress of Rethread. Needs two settings: RELAY_URL, the address of
// /ingress/relay, and the secret INGRESS_PASSWORD. Cloudflare calls it once a recipient. It says yes only when the mail is stored:
// 403, 413, 415 and 422 reject the mail for good, anything else is a temporary failure, and the sender tries again.

const permanent = [403, 413, 415, 422]

// A header holds bytes; addresses may be UTF-8 (RFC 6531).
const bytesOf = (text) => String.fromCharCode(...new TextEncoder().encode(text))

export default {
  async email(message, env) {
    const response = await fetch(env.RELAY_URL, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        Authorization: `Basic ${btoa(bytesOf(`actionmailbox:${env.INGRESS_PASSWORD}`))}`,
        'Content-Type': 'message/rfc822',
        'X-Envelope-From': bytesOf(`<${message.from}>`),
        'X-Envelope-To': bytesOf(`<${message.to}>`),
      },
      body: await new Response(message.raw).arrayBuffer(),
    })
    await response.arrayBuffer()
    if (response.ok) return
    if (!permanent.includes(response.status)) throw new Error(`the relay ingress answered ${response.status}`)
    message.setReject(response.status === 413 ? 'The message is too large' : 'The message was not taken')
  },
}
