import test from 'ava'
import { BridgeError } from '../../daemon/bridge-error.js'
import { type ComposeWishes, readWishes } from '../../daemon/cli/compose/compose-wishes.js'

const read = (
  lists: Readonly<Record<string, readonly string[]>>,
  values: Readonly<Record<string, string>> = {},
  records = 4,
): ComposeWishes => readWishes({ lists, values }, records)

test('--add names a role, a file, and where the server is', (t) => {
  const added = (text: string) => read({ add: [text] }).add[0]
  const ipAddress = Uint8Array.of(10, 0, 0, 1)
  const tftp = { function: 3, kind: 'server', file: 'a.pem' }
  t.deepEqual(added('tftp=a.pem'), tftp)
  t.deepEqual(added('TFTP=a.pem@10.0.0.1'), { ...tftp, ipAddress })
  t.deepEqual(added('3=a.pem@host.example'), { ...tftp, dnsName: 'host.example' })
  t.deepEqual(added('tftp=a.pem@host/10.0.0.1'), { ...tftp, dnsName: 'host', ipAddress })
  t.deepEqual(added('tftp=x=me@home.pem@'), { ...tftp, file: 'x=me@home.pem' })
  t.deepEqual(added('token=t.der'), { function: 0, kind: 'token', file: 't.der' })
  t.deepEqual(added('sast=t.der'), { function: 0, kind: 'server', file: 't.der' })
  const roles = ['ccm', 'ccm+tftp', 'capf', 'srst', 'app-server', 'ca', 'tvs', '65535']
  t.deepEqual(
    roles.map((role) => added(`${role}=f`)?.function),
    [1, 2, 4, 5, 7, 20, 21, 65_535],
  )
})

test('stubs, removals, order, signer and time', (t) => {
  const ipAddress = Uint8Array.of(10, 0, 0, 1)
  const wishes = read(
    { stub: ['10.0.0.1', 'name=10.0.0.1'], remove: ['1,2', '3'], address: ['4=10.0.0.1'], host: ['4=x'] },
    { order: '+2,4', signer: '+1', timestamp: '2016-01-01T01:00:00+01:00' },
  )
  t.deepEqual(wishes.stubs, [
    { dnsName: '10.0.0.1', ipAddress },
    { dnsName: 'name', ipAddress },
  ])
  t.deepEqual([...wishes.remove], [1, 2, 3])
  t.deepEqual(wishes.place.get(4), { dnsName: 'x', ipAddress })
  t.deepEqual(wishes.order, [{ added: 2 }, { base: 4 }])
  t.deepEqual(wishes.signer, { added: 1 })
  t.is(wishes.timestamp, Date.parse('2016-01-01T00:00:00Z') / 1000)
  t.deepEqual(read({}, { signer: './1' }).signer, { file: './1' })
  t.deepEqual(read({}, { signer: '1' }).signer, { base: 1 })
})

const refusals: readonly (readonly [RegExp, Record<string, string[]>, Record<string, string>?, number?])[] = [
  [/BASE has 1 to 4/, { remove: ['9'] }],
  [/BASE has 1 to 4/, { remove: ['0'] }],
  [/BASE has 1 to 4/, { remove: ['1,'] }],
  [/without BASE there are none/, { remove: ['1'] }, {}, 0],
  [/removed and replaced/, { remove: ['3'], replace: ['3=a'] }],
  [/removed and given an address/, { remove: ['3'], address: ['3=10.0.0.1'] }],
  [/removed and ordered/, { remove: ['3'] }, { order: '3' }],
  [/removed and named as signer/, { remove: ['3'] }, { signer: '3' }],
  [/--host stands twice for record 2/, { host: ['2=a', '2=b'] }],
  [/--host takes a name/, { host: ['2=a\u001b[31m'] }],
  [/--host takes a name/, { host: [`2=${'x'.repeat(256)}`] }],
  [/--address takes an IPv4 address/, { address: ['2=10.0.0.999'] }],
  [/--replace is N=VALUE/, { replace: ['2='] }],
  [/--order names record 1 twice/, {}, { order: '1,1' }],
  [/--order names a record by its number/, {}, { order: '+0' }],
  [/--add is ROLE=FILE/, { add: ['tftp'] }],
  [/--add names no FILE/, { add: ['tftp=@10.0.0.1'] }],
  [/--add takes an IPv4 address/, { add: ['tftp=a@b/c'] }],
  [/"boss" is no role\. Roles: token, sast, ccm, ccm\+tftp/, { add: ['boss=a'] }],
  [/is no role/, { add: ['65536=a'] }],
  [/not known: FIREWALL is 6.*--add 1=FILE or --add 6=FILE/, { add: ['firewall=a'] }],
  [/--stub takes an IPv4 address/, { stub: ['name'] }],
  [/--timestamp is a time/, {}, { timestamp: 'tomorrow' }],
  [/--timestamp is a time/, {}, { timestamp: '2016-01-01T00:00:00' }],
  [/--timestamp is a time/, {}, { timestamp: '2107-01-01' }],
]

test('what cannot be meant is refused with what can', (t) => {
  for (const [pattern, lists, values, records] of refusals) {
    const error = t.throws(() => read(lists, values, records), { instanceOf: BridgeError })
    t.is(error.code, 'USAGE')
    t.regex(error.message, pattern)
  }
})
