import test from 'ava'
import { nodeName, parseNodeUrl } from '../../../daemon/cluster/files/node-file.js'

const good = [
  ['tftp://10.48.47.153/CTLFile.tlv', 'tftp', '10.48.47.153', 69, 'CTLFile.tlv'],
  ['TFTP://cucm-pub:6969/dir/ITLFile.tlv;mode=octet', 'tftp', 'cucm-pub', 6969, 'dir/ITLFile.tlv'],
  ['tftp://h//srv/tftp/CTLFile.tlv', 'tftp', 'h', 69, '/srv/tftp/CTLFile.tlv'],
  ['tftp://[2001:db8::1]/a%20b', 'tftp', '2001:db8::1', 69, 'a b'],
  ['http://cucm-pub:6970/CTLSEP001122334455.tlv', 'http', 'cucm-pub', 6970, 'CTLSEP001122334455.tlv'],
  ['https://cucm-pub/a%20b?c=d', 'https', 'cucm-pub', 443, 'a%20b?c=d'],
] as const

for (const [url, protocol, host, port, file] of good) {
  test(`${url} names node and file`, (t) => t.deepEqual(parseNodeUrl(url), { protocol, host, port, file }))
}

const bad = [
  ['tftp://10.48.47.153', /names no file/],
  ['tftp:///CTLFile.tlv', /names no host/],
  ['tftp://h/CTLFile.tlv;mode=netascii', /another mode/],
  ['http://me:secret@h/CTLFile.tlv', /names a user/],
  ['tftp://h/a%00b', /control character/],
  ['tftp://h/a%zz', /begins no character/],
  ['tftp://h/a#b', /holds a #/],
  ['http://h:99999/a', /cannot be read/],
] as const

for (const [url, why] of bad) {
  test(`${url} is refused`, (t) => {
    const error = t.throws(() => parseNodeUrl(url), { code: 'USAGE', message: why })
    t.false(error?.message.includes('secret'))
  })
}

test('a node is named with its port, an IPv6 address in brackets', (t) => {
  t.is(nodeName(parseNodeUrl('tftp://[2001:db8::1]/a')), 'tftp://[2001:db8::1]:69')
})
