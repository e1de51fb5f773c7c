import { createHash } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { BridgeError } from '../../daemon/bridge-error.js'
import { type CtlFile, decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import type { ToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import { restoreDraft, takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import {
  decodeSigningRequest,
  encodeSigningRequest,
  makeSigningRequest,
} from '../../daemon/signing/signing-request.js'
import { firstToken, sastToken, signDraft } from '../trust/tac-cluster.js'
import { realFile } from '../vectors/real-file.js'
import { aDraft, aRequest, framedLines, MADE, requestText, withLine } from './a-request.js'

const refusal = (text: string | Uint8Array): BridgeError => {
  try {
    decodeSigningRequest(text)
  } catch (error) {
    if (error instanceof BridgeError) return error
    throw error
  }
  throw new Error('the request was accepted')
}

test('a request comes back as it was made, with the draft it was made from', (t) => {
  for (const digest of ['sha1', 'sha512'] as const) {
    const draft = aDraft(firstToken, digest)
    const request = aRequest(draft)
    const read = decodeSigningRequest(encodeSigningRequest(request))
    t.deepEqual(read, request)
    t.deepEqual(Buffer.from(read.draft), Buffer.from(draft))
    t.is(read.digest, digest)
  }
})

test('a file from the field can be signed anew, whatever the order of its header', (t) => {
  const file = realFile()
  const read = decodeSigningRequest(encodeSigningRequest(aRequest(file)))
  t.deepEqual(Buffer.from(takeToBeSigned(read.draft)), Buffer.from(takeToBeSigned(file)))
  t.is(read.description.records.length, 5)
})

test('a reader that shares no code finds the bytes to be signed and their hash in the text', (t) => {
  const draft = aDraft()
  const lines = requestText(draft).split('\n')
  const rows = lines.filter((line) => /^[A-Za-z0-9+/]+={0,2} [0-9a-f]{4}$/.test(line))
  const message = Buffer.from(rows.map((row) => row.split(' ')[0]).join(''), 'base64')
  const at = draft.indexOf(12, 130)
  t.deepEqual(message, Buffer.concat([draft.subarray(0, at), draft.subarray(at + 131)]))
  t.true(lines.includes(`+ ${createHash('sha256').update(message).digest('hex')}`))
  t.true(lines.includes(`Signature at: ${at}, 128`))
  t.true(lines.every((line) => line.length <= 76 && /^[\x20-\x7e]*$/.test(line)))
})

test('each line of the summary that is left out, doubled or changed is refused with its place', (t) => {
  const text = requestText()
  const changes: ((line: string) => string | undefined)[] = [
    () => undefined,
    (line) => `${line}\n${line}`,
    (line) => `${line}x`,
    (line) => line.slice(0, -1),
    (line) => line.replace(/[0-9a-f](?=[^0-9a-f]*$)/, (digit) => (digit === '0' ? '1' : '0')),
    (line) => line.replace(/[A-Za-z]/, (letter) => (letter === 'a' ? 'b' : 'a')),
  ]
  for (const number of framedLines(text)) {
    for (const [index, change] of changes.entries()) {
      const mutant = withLine(text, number, change)
      if (mutant === text) continue
      const { code, place } = refusal(mutant)
      t.true(code === 'REQUEST_TAMPERED' || code === 'REQUEST_MALFORMED', `${number}.${index} ${code}`)
      t.true((place.line ?? 0) > 0, `${number}.${index}`)
    }
  }
})

test('a summary line that tells something else than the bytes is named itself', (t) => {
  const text = requestText()
  const lines = text.split('\n')
  for (const [from, to] of [
    ['Digest: sha1', 'Digest: sha512'],
    ['Records: 4', 'Records: 3'],
    ['Signer key: RSA 1024', 'Signer key: RSA 2048'],
    ['Record 3: CAPF', 'Record 3: System Administrator Security Token'],
    ['Serial: 83:E9', 'Serial: 84:E9'],
    ['Signed bytes: ', 'Signed bytes: 1'],
    ['File: CTLFile.tlv', 'File: ITLFile.tlv'],
  ] as const) {
    const number = lines.findIndex((line) => line.startsWith(from)) + 1
    t.true(number > 0, from)
    const { code, place } = refusal(withLine(text, number, (line) => line.replace(from, to)))
    t.deepEqual([code, place.line], ['REQUEST_TAMPERED', number], from)
  }
})

test('two lines of bytes that changed places, and a slip of one letter, are found in their line', (t) => {
  const text = requestText()
  const lines = text.split('\n')
  const first = lines.indexOf('Bytes to be signed:') + 1
  const swapped = [...lines]
  ;[swapped[first], swapped[first + 1]] = [lines[first + 1] ?? '', lines[first] ?? '']
  t.is(refusal(swapped.join('\n')).place.line, first + 1)
  const slipped = withLine(text, first + 3, (line) => line.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')))
  t.like(refusal(slipped), { code: 'REQUEST_MALFORMED', place: { line: first + 3 } })
})

test('other bytes under the summary of the first are refused, whatever hash they carry', (t) => {
  const mine = requestText()
  const theirs = requestText(aDraft(firstToken, 'sha512'))
  const part = (text: string) => {
    const lines = text.split('\n')
    const at = lines.indexOf('Bytes to be signed:')
    return { head: lines.slice(0, at), body: lines.slice(at) }
  }
  t.is(refusal([...part(mine).head, ...part(theirs).body].join('\n')).code, 'REQUEST_TAMPERED')
})

test('who asks and when are bound to the id', (t) => {
  const text = requestText()
  const lines = text.split('\n')
  for (const name of ['From: ', 'Made: ']) {
    const number = lines.findIndex((line) => line.startsWith(name)) + 1
    const { code, message } = refusal(withLine(text, number, (line) => line.replace(/[0-9n]/, '1')))
    t.is(code, 'REQUEST_TAMPERED', name)
    t.regex(message, /id/)
  }
})

test('what mail does without changing a letter is harmless', (t) => {
  const text = requestText()
  const { id } = aRequest()
  const framed = (change: (line: string) => string) => text.split('\n').map(change).join('\n')
  const harmless: Record<string, string | Uint8Array> = {
    'CR LF': text.replaceAll('\n', '\r\n'),
    CR: text.replaceAll('\n', '\r'),
    BOM: `\uFEFF${text}`,
    'UTF-16': Buffer.from(`\uFEFF${text}`, 'utf16le'),
    quoted: framed((line) => `> ${line}`),
    'quoted twice': framed((line) => `>> ${line}`),
    'quoted by two': framed((line) => `> > ${line}`),
    indented: framed((line) => `    ${line}`),
    'blanks at the end': framed((line) => `${line}  \t`),
    'a blank line between': framed((line) => `${line}\n`),
    'text around': `Dear Bob,\nplease sign.\n\n${text}\n-- \nAnna\nThis mail is confidential.\n`,
    'reply with quoting': `I will not sign this:\n\n${framed((line) => `> ${line}`)}\n> Regards`,
    'two blanks for one': framed((line) => line.replaceAll(': ', ':  ')),
    'no end of line at the end': text.trimEnd(),
  }
  for (const [what, changed] of Object.entries(harmless)) {
    t.is(decodeSigningRequest(changed).id, id, what)
  }
})

test('a line that mail broke is refused, not guessed', (t) => {
  const text = requestText()
  const lines = text.split('\n')
  const number = lines.indexOf('Bytes to be signed:') + 2
  const { code, place } = refusal(withLine(text, number, (line) => `${line.slice(0, 40)}\n${line.slice(40)}`))
  t.deepEqual([code, place.line], ['REQUEST_MALFORMED', number])
})

test('a text without a request, with half of one, or with two, is said to be so', (t) => {
  const text = requestText()
  for (const [wrong, expected] of [
    ['', /no line -----BEGIN/],
    ['hello', /no line -----BEGIN/],
    [text.split('\n').slice(0, 30).join('\n'), /-----END.* is missing/],
    [`${text}\n${text}`, /two of them/],
    [text.replace('Format: 1', 'Format: 2'), /format 2/],
    [`${text.split('\n').at(-2)}\n${text}`, /two of them/],
  ] as const) {
    const error = refusal(wrong)
    t.is(error.code, 'REQUEST_MALFORMED')
    t.regex(error.message, expected)
  }
})

test('bytes that are no CTL are refused, however well they are wrapped', (t) => {
  const hash = (lines: string[]) =>
    createHash('sha256')
      .update(lines.map((line) => `${line}\n`).join(''))
      .digest('hex')
  const body = ['Format: 1', `From: a`, `Made: ${MADE}`, 'Signature at: 148, 128', 'Bytes to be signed:']
  const base64 = Buffer.from('this is a contract, not a CTL').toString('base64')
  const row = `${base64} ${createHash('sha256').update(`0 ${base64}`).digest('hex').slice(0, 4)}`
  const lines = [...body, row]
  const text = [
    '-----BEGIN CTL-BRIDGE SIGNING REQUEST-----',
    'Request:',
    `+ ${hash(lines)}`,
    ...lines,
    '-----END CTL-BRIDGE SIGNING REQUEST-----',
  ].join('\n')
  const error = refusal(text)
  t.is(error.code, 'REQUEST_MALFORMED')
  t.regex(error.message, /no CTL/)
})

test('no request is made for a file that is damaged, or whose signer is not in it', (t) => {
  const signed = signDraft(aDraft(), firstToken.key, 'sha1')
  const origin = { from: 'a', made: MADE }
  t.notThrows(() => makeSigningRequest(signed, origin))
  const damaged = Uint8Array.from(signed)
  damaged[damaged.length - 1] = 99
  t.throws(() => makeSigningRequest(damaged, origin), { code: 'CTL_SIGNATURE_WRONG' })
  t.throws(() => makeSigningRequest(new Uint8Array(), origin), { code: 'CTL_EMPTY' })
  t.throws(() => makeSigningRequest(signed.subarray(0, 900), origin), { message: /./ })
})

test('who asks is one line', (t) => {
  for (const from of ['', ' a', 'a\nSigner: b', 'a\u0007', 'a  b', 'x'.repeat(201)]) {
    t.throws(() => aRequest(aDraft(), from), { code: 'BODY_INVALID' }, JSON.stringify(from))
  }
})

test('whoever asks, the request comes back: letters of any kind, blanks at every place of a fold', (t) => {
  const draft = aDraft()
  const name = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
      fc
        .array(fc.constantFrom('a', ' ', '\\', 'u{20}', '>', '+ ', ':'), { minLength: 1, maxLength: 150 })
        .map((parts) => parts.join('')),
    )
    .map((text) =>
      text
        .replace(/[\p{Cc}\p{Cs}\uFEFF]/gu, '')
        .replace(/[ \t\u00a0]+/g, ' ')
        .replace(/^(?: ?>)+/, '')
        .trim(),
    )
    .filter((text) => text.length >= 1 && text.length <= 200)
  fc.assert(
    fc.property(name, (from) => {
      const request = aRequest(draft, from)
      t.deepEqual(decodeSigningRequest(encodeSigningRequest(request)), request)
    }),
    { numRuns: 60 },
  )
})

test('whatever the text is, it is read or refused by name', (t) => {
  const text = requestText()
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc
          .tuple(fc.nat(text.length), fc.nat(80), fc.string({ maxLength: 20 }))
          .map(([at, length, inserted]) => text.slice(0, at) + inserted + text.slice(at + length)),
      ),
      (changed) => {
        try {
          // What is accepted tells the same as before.
          t.is(decodeSigningRequest(changed).id, aRequest().id)
        } catch (error) {
          t.true(error instanceof BridgeError && /^REQUEST_/.test(error.code), String(error))
        }
      },
    ),
    { numRuns: 150 },
  )
})

test('a draft is restored from its message only where the signature stood', (t) => {
  const draft = aDraft()
  const message = takeToBeSigned(draft)
  const at = draft.indexOf(12, 130)
  const file = decodeCtlFile(draft)
  let found = 0
  t.deepEqual(Buffer.from(restoreDraft(message, at, 128)), Buffer.from(draft))
  for (let offset = 0; offset <= message.length; offset++) {
    if (offset === at) continue
    // Where another place decodes as well, it is between two fields: no reader finds other content there.
    try {
      const other = decodeCtlFile(restoreDraft(message, offset, 128))
      t.deepEqual(other.records, file.records)
      t.deepEqual(withoutSignature(other), withoutSignature(file))
      found++
    } catch (error) {
      t.is((error as Error).name, 'CtlError')
    }
  }
  t.true(found > 2, 'the places between the fields of the header')
  for (const [offset, length] of [
    [at, 127],
    [at, 256],
    [-1, 128],
    [1.5, 128],
    [at, -1],
    [at, Number.NaN],
  ] as const) {
    t.throws(() => restoreDraft(message as ToBeSigned, offset, length), { name: 'CtlError' })
  }
})

const withoutSignature = ({ header }: CtlFile) =>
  header.filter((field) => field.kind === 'padding' || field.tag !== 12)

test('keys of every size that the format knows make requests', (t) => {
  for (const bits of [2048, 4096]) {
    const holder = sastToken(`SAST-ADN1111${bits}`, '0102030405060708090a', bits)
    const read = decodeSigningRequest(requestText(aDraft(holder)))
    t.is(read.signer.keyBits, bits)
  }
})
