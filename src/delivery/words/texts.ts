// The shape of a catalogue: the keys of the English one.

import type { en } from './en.ts'

export type TextId = keyof typeof en
export type Texts = Readonly<Record<TextId, string>>
