/** Writes the generated documents: node dist/test/docs/write-documents.js */
import { writeFileSync } from 'node:fs'
import { generatedDocuments, projectFile } from './generated-documents.js'

for (const [path, content] of Object.entries(generatedDocuments())) writeFileSync(projectFile(path), content)
