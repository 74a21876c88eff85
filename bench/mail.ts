// The mail that is measured: a reply of 3 KB with its quotation, each with words and a Message-ID of its own.

const quoted = Array.from(
  { length: 36 },
  (_, line) => `> Line ${String(line)} of what was said before, long enough to be like real mail.`,
).join('\r\n')

/** One mail of about 3 KB. */
export function makeMail(id: string, replyAddress: string): Buffer {
  return Buffer.from(
    [
      'Received: from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.net; Mon, 02 Nov 2026 ' +
        '10:00:00 +0000',
      `From: Jane Doe <jane@example.com>`,
      `To: Acme <${replyAddress}>`,
      `Subject: Re: Where is my order?`,
      `Message-ID: <${id}@example.com>`,
      `Date: Mon, 02 Nov 2026 10:00:00 +0000`,
      `MIME-Version: 1.0`,
      `Content-Type: text/plain; charset=utf-8`,
      ``,
      `Hello, this is answer ${id}.`,
      ``,
      `On Sun, 1 Nov 2026 at 09:00, Acme <support@example.net> wrote:`,
      quoted,
      ``,
    ].join('\r\n'),
  )
}
