import test from 'ava'
import { generatedDocuments, read } from './generated-documents.js'

for (const [path, content] of Object.entries(generatedDocuments())) {
  test(`${path} is what the code says (else: node dist/test/docs/write-documents.js)`, (t) => {
    t.is(read(path), content)
  })
}
