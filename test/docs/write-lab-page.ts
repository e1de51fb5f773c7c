/** Puts what a lab prints now into docs/lab.md: node dist/test/docs/write-lab-page.js */
import { writeFileSync } from 'node:fs'
import { projectFile, read } from './generated-documents.js'
import { labTranscript, withTranscript } from './lab-transcript.js'

writeFileSync(projectFile('docs/lab.md'), withTranscript(read('docs/lab.md'), await labTranscript()))
