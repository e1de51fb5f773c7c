import test from 'ava'
import { refuseOvertaken } from '../../../daemon/cluster/publishing/publish-error.js'

const place = { node: 'sub1', path: '/tftp/CTLFile.tlv' }
const bytesOf = (text: string) => Buffer.from(text)
const before = bytesOf('before')
const bytes = bytesOf('to come')

test('what was kept may be overwritten, and so may the file itself, which a node with the same folder wrote', (t) => {
  for (const found of [bytesOf('before'), bytesOf('to come')]) {
    t.notThrows(() => refuseOvertaken(place, found, { before, bytes }))
  }
  t.notThrows(() => refuseOvertaken(place, undefined, { before: undefined, bytes }))
})

test('what nobody kept is not overwritten', (t) => {
  for (const found of [bytesOf('by hand'), undefined]) {
    t.throws(() => refuseOvertaken(place, found, { before, bytes }), { code: 'PUBLISH_OVERTAKEN' })
  }
  t.throws(() => refuseOvertaken(place, before, { before: undefined, bytes }), { code: 'PUBLISH_OVERTAKEN' })
})
