import test from 'ava'
import { fieldsOf, fieldsSize, headerLength, recordLength } from '../../daemon/ctl/ctl-field.js'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import * as tac from './tac-cluster.js'
import { nonSecure, regenerated, tokenless, withTokens } from './tac-files.js'

function sizes(bytes: Uint8Array): number[] {
  const file = decodeCtlFile(bytes)
  return [bytes.length, headerLength(file), ...file.records.map(recordLength)]
}

test('a tokenless file of CUCM 10.5 has the printed sizes', (t) => {
  const { draft, signed } = tokenless()
  t.deepEqual(sizes(draft), [4947, 336, 1156, 1156, 1138, 1161])
  const signerId = fieldsOf(decodeCtlFile(draft).header, 3)
  t.is(signerId && fieldsSize(signerId), 149)
  t.is(verifyCtlFile(signed).verdict, 'valid')
})

test('a tokenless file after a regeneration with 2048 bits has the printed sizes', (t) => {
  const { draft, signed } = regenerated()
  t.deepEqual(sizes(draft), [6113, 464, 1675, 1675, 1138, 1161])
  t.is(verifyCtlFile(signed).verdict, 'valid')
})

test('a token file made from the tokenless one has the printed sizes, and is signed by the token in use', (t) => {
  const { draft, signed } = withTokens(tac.secondToken)
  t.deepEqual(sizes(draft), [5728, 304, 1186, 1022, 1004, 1026, 1186])
  const verdict = verifyCtlFile(signed)
  t.is(verdict.verdict, 'valid')
  t.is(verdict.signer?.record, 5)
})

test('a token file of a non-secure cluster has the printed sizes', (t) => {
  const { draft, signed } = nonSecure()
  t.deepEqual(sizes(draft), [3746, 304, 1186, 33, 1004, 33, 1186])
  t.is(verifyCtlFile(signed).verdict, 'valid')
})
