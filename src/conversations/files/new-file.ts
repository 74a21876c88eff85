// The files of a message that is still to be written: bytes, or the token of an upload.

export interface NewAttachment {
  readonly fileName: string
  readonly contentType: string
  readonly bytes: Buffer
}

/** A file that was uploaded before its message. */
export interface SentBefore {
  /** Its token. */
  readonly upload: string
}
