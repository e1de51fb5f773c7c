import test from 'ava'
import { read } from './generated-documents.js'
import { labTranscript, transcriptOf } from './lab-transcript.js'

/** What differs from one lab to the next is left out, and the order of devices of which there are equally many. */
function shape(text: string): string[] {
  return text
    .replaceAll(/password {2}\S+/g, 'password P')
    .replaceAll(/\b[0-9a-f]{16,}\b/g, 'HEX')
    .replaceAll(/ADN[0-9a-f]+/g, 'ADN')
    .replaceAll(/\d+/g, 'N')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .split(/(?<=[.:,)]) | (?=NO|yes|MD|SHA|made|signature|signer)/)
    .map((part) => part.trim())
    .sort()
}

test('docs/lab.md shows what a lab prints (else: node dist/test/docs/write-lab-page.js)', async (t) => {
  const shown = transcriptOf(read('docs/lab.md'))
  const printed = await labTranscript('--phones', '100')
  t.true(shown.up.includes('127.8.8.1  publisher') && shown.observe.startsWith('Cluster lab (CUCM)\n'))
  t.deepEqual(shape(shown.up), shape(printed.up))
  t.deepEqual(shape(shown.observe), shape(printed.observe))
  t.true(
    printed.observe.split('\n').every((line) => line.length <= 80),
    printed.observe,
  )
})
