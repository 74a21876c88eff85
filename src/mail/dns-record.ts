// A record of the DNS that a person publishes, and its line in a zone file (RFC 1035 §5.1).

export interface DnsRecord {
  /** Without the final dot. */
  readonly name: string
  readonly type: 'A' | 'MX' | 'PTR' | 'TXT'
  /** Host names end in a dot; a TXT record is one text without quotes. */
  readonly value: string
}

// A character-string holds at most 255 bytes (RFC 1035 §3.3).
const maxStringLength = 255

/** `reply.example.com. 3600 IN MX 10 mail.example.com.` Never throws. */
export function zoneLine({ name, type, value }: DnsRecord): string {
  const data = type === 'TXT' ? quote(value) : value
  return `${name}. 3600 IN ${type} ${data}`
}

function quote(text: string): string {
  const parts = text.match(new RegExp(`.{1,${String(maxStringLength)}}`, 'gs')) ?? ['']
  return parts.map((part) => `"${part.replace(/["\\]/g, '\\$&')}"`).join(' ')
}
