import test from 'ava'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { signatureOf } from '../../daemon/ctl/header-fields.js'
import {
  asSignature,
  insertSignature,
  isUnsigned,
  isUnsignedCtl,
  takeToBeSigned,
} from '../../daemon/ctl/to-be-signed.js'
import * as raw from './raw-file.js'
import { refusal } from './refusals.js'

const draft = raw.file(
  raw.bytes(raw.signerId(), raw.signatureInfo(), raw.tlv(12, new Uint8Array(128)), raw.timestamp()),
)

test('a file whose signature is all zero is a draft, and another is not', (t) => {
  t.true(isUnsignedCtl(draft))
  t.false(isUnsigned(decodeCtlFile(raw.file(raw.usualHeader()))))
})

test('a signature goes into its place and changes nothing else', (t) => {
  if (!isUnsignedCtl(draft)) return t.fail()
  const before = Uint8Array.from(draft)
  const signature = asSignature(new Uint8Array(128).fill(0xab))
  const signed = insertSignature(draft, signature)
  t.deepEqual(Uint8Array.from(signatureOf(decodeCtlFile(signed))), Uint8Array.from(signature))
  t.deepEqual(takeToBeSigned(signed), takeToBeSigned(draft))
  t.deepEqual(Uint8Array.from(draft), before)
})

test('a signature of another length is refused', (t) => {
  if (!isUnsignedCtl(draft)) return t.fail()
  for (const length of [0, 127, 129, 256]) {
    const error = refusal(
      t,
      () => insertSignature(draft, asSignature(new Uint8Array(length))),
      'CTL_SIGNATURE_LENGTH',
    )
    t.is(error.place.tag, 12)
  }
})
