import test from 'ava'
import { asSignature, insertSignature } from '../../daemon/ctl/to-be-signed.js'
import { completeRequest, decodeSigningAnswer } from '../../daemon/signing/signing-answer.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { opensslSays } from '../trust/openssl-says.js'
import { firstToken, secondToken } from '../trust/tac-cluster.js'
import { aDraft, anAnswer, answerText, aRequest, framedLines, withLine } from './a-request.js'

test('request and answer make a file that openssl verifies', (t) => {
  for (const digest of ['sha1', 'sha512'] as const) {
    const request = aRequest(aDraft(firstToken, digest))
    const answer = decodeSigningAnswer(answerText(anAnswer(request)))
    const file = completeRequest(request, answer)
    t.is(opensslSays(file, firstToken.der, digest), 'Verified OK')
    t.is(verifyCtlFile(file).verdict, 'valid')
  }
})

test('the answer comes back as it was, also quoted and with other line ends', (t) => {
  const answer = anAnswer()
  const text = answerText(answer)
  t.true(text.length < 1500)
  for (const changed of [
    text,
    text.replaceAll('\n', '\r\n'),
    text.replaceAll(/^/gm, '> '),
    `Done.\n${text}-- \nBob`,
  ]) {
    t.deepEqual(decodeSigningAnswer(changed), answer)
  }
})

test('each line of an answer that is left out, doubled or changed gives no file', (t) => {
  const request = aRequest()
  const text = answerText(anAnswer(request))
  const changes: ((line: string) => string | undefined)[] = [
    () => undefined,
    (line) => `${line}\n${line}`,
    (line) => `${line}x`,
    (line) => line.slice(0, -1),
    (line) => line.replace(/[0-9a-f](?=[^0-9a-f]*$)/, (digit) => (digit === '0' ? '1' : '0')),
  ]
  for (const number of framedLines(text)) {
    for (const [index, change] of changes.entries()) {
      const mutant = withLine(text, number, change)
      if (mutant === text) continue
      const error = t.throws(
        () => completeRequest(request, decodeSigningAnswer(mutant)),
        undefined,
        `${number}.${index}`,
      )
      t.is((error as Error & { code: string }).code, 'ANSWER_MALFORMED', `${number}.${index}`)
    }
  }
})

test('an answer to another request is refused, also when only who asked differs', (t) => {
  const draft = aDraft()
  const answer = anAnswer(aRequest(draft, 'Anna'))
  t.throws(() => completeRequest(aRequest(draft, 'Eve'), answer), { code: 'ANSWER_FOR_OTHER_REQUEST' })
  t.throws(() => completeRequest(aRequest(aDraft(firstToken, 'sha512')), answer), {
    code: 'ANSWER_FOR_OTHER_REQUEST',
  })
  const crossed = anAnswer(aRequest(draft), firstToken, { toBeSignedSha256: '0'.repeat(64) })
  t.throws(() => completeRequest(aRequest(draft), crossed), { code: 'ANSWER_FOR_OTHER_REQUEST' })
})

test('a wrong signature never gives a file, whatever the answer says', (t) => {
  const request = aRequest()
  t.throws(() => completeRequest(request, anAnswer(request, secondToken)), { code: 'CTL_SIGNATURE_WRONG' })
  const zeros = anAnswer(request, firstToken, { signature: asSignature(new Uint8Array(128)) })
  t.throws(() => completeRequest(request, zeros), { code: 'CTL_UNSIGNED' })
  const short = anAnswer(request, firstToken, { signature: asSignature(new Uint8Array(127)) })
  t.throws(() => completeRequest(request, short), { code: 'CTL_SIGNATURE_LENGTH' })
  const other = anAnswer(request, firstToken, { signer: 'f'.repeat(64) })
  t.throws(() => completeRequest(request, other), { code: 'ANSWER_FOR_OTHER_SIGNER' })
  // The signature of the right answer, put in by hand, is the same file.
  const { draft } = request
  const { signature } = anAnswer(request)
  t.deepEqual(completeRequest(request, anAnswer(request)), insertSignature(draft, signature))
})
