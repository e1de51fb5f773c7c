import test from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import { parseClusters } from '../../../daemon/cluster/configuration/cluster-settings.js'
import { publishingNodes } from '../../../daemon/cluster/publishing/open-publishing.js'

const node = (name: string, rest: string): string =>
  `[[clusters.nodes]]\nname = "${name}"\naddress = "${rest.includes('v6') ? '2001:db8::1' : '192.0.2.1'}"\n${rest}\n`

const nodesOf = (kind: string, ...nodes: string[]) => {
  const [cluster] = parseClusters(`[[clusters]]\nname = "a"\nkind = "${kind}"\n${nodes.join('')}`, '/c')
  if (cluster === undefined) throw new Error('one cluster')
  const asked: string[] = []
  const made = publishingNodes(cluster, {
    env: {},
    readFile: async ({ name, tftp_port }, over, file) => {
      asked.push(`${over} ${name} ${file}`)
      // The tests' sign for a node that is down.
      if (over === 'tftp' && tftp_port === 1) throw new BridgeError('NODE_TIMEOUT', 'silent')
      if (tftp_port === 2) throw new BridgeError('NODE_HAS_NO_FILE', 'none')
      return Uint8Array.of(1)
    },
    restartTftp: () => undefined,
  })
  return { made, asked }
}

test('nodes with TFTP are published to by their way; CUCM by guide where none is said, Asterisk by none', (t) => {
  const { made } = nodesOf(
    'cucm',
    node('pub', 'runs = ["publisher", "tvs"]'),
    node('sub1', 'runs = ["tftp"]'),
    node('sub2', 'runs = ["tftp"]\npublishing = { to = "directory", folder = "/f" }'),
    node('sub3', 'runs = ["tftp"] # v6'),
  )
  t.deepEqual(
    made.map(({ name, way, isPublisher }) => [name, way?.to, isPublisher]),
    [
      ['sub1', 'guided', false],
      ['sub2', 'directory', false],
      ['sub3', 'guided', false],
    ],
  )
  const steps = made.map(({ way }) => (way?.to === 'guided' ? way.steps('CTLFile.tlv').join('\n') : ''))
  t.regex(steps[0] ?? '', /https:\/\/192\.0\.2\.1:8443\/cmplatform\//)
  t.regex(steps[2] ?? '', /https:\/\/\[2001:db8::1\]:8443\//)
  t.regex(
    steps[0] ?? '',
    /Software Upgrades, then TFTP File Management[\s\S]*Upload File[\s\S]*leave Directory empty[\s\S]*Restart Cisco Tftp on sub1/,
  )
  t.is(nodesOf('asterisk', node('a', 'runs = ["tftp"]')).made[0]?.way, undefined)
})

test('files are read by the way that the settings prefer, by the other where that is silent', async (t) => {
  const quiet = nodesOf('cucm', node('pub', 'runs = ["publisher", "tftp"]\ntftp_port = 1'))
  await quiet.made[0]?.readServed('f')
  t.deepEqual(quiet.asked, ['tftp pub f', 'http pub f'])
  const http = nodesOf('cucm', node('pub', 'runs = ["publisher", "tftp"]\nread = "http"'))
  await http.made[0]?.readServed('f')
  t.deepEqual(http.asked, ['http pub f'])
  const none = nodesOf('cucm', node('pub', 'runs = ["publisher", "tftp"]\ntftp_port = 2'))
  await t.throwsAsync(none.made[0]?.readServed('f') ?? Promise.resolve(), { code: 'NODE_HAS_NO_FILE' })
  t.deepEqual(none.asked, ['tftp pub f'], 'that there is no file is an answer')
  const only = nodesOf('cucm', node('pub', 'runs = ["publisher", "tftp"]\ntftp_port = 1\nhttp_port = 0'))
  await t.throwsAsync(only.made[0]?.readServed('f') ?? Promise.resolve(), { code: 'NODE_TIMEOUT' })
  t.deepEqual(only.asked, ['tftp pub f'])
})
