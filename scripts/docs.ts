// `npm run docs`: writes every generated document, and the part of `.env.example` that providers bring along.

import { readFileSync, writeFileSync } from 'node:fs'

import { generatedFiles, generatedParts } from './docs-files.ts'
import { withGenerated } from './docs-text.ts'

const pathOf = (file: string): URL => new URL(`../${file}`, import.meta.url)

for (const [file, text] of generatedParts())
  writeFileSync(pathOf(file), withGenerated(readFileSync(pathOf(file), 'utf8'), text))
for (const [file, text] of generatedFiles()) writeFileSync(pathOf(file), text)
