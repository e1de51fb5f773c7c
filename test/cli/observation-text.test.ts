/** What `clusters observe` prints, by doubles at the ports of a CUCM cluster. */
import test from 'ava'
import { observationText } from '../../daemon/cli/cluster/observation-text.js'
import { clusterObservationSchema } from '../../daemon/http/schemas/observation-schemas.js'
import {
  everywhere,
  nodeError,
  observe,
  shownCtl,
  threeNodes,
  trusted,
  untrusted,
} from '../cluster/observe/observed-cluster.js'
import { tacFile } from '../vectors/tac-files.js'

const tokens = tacFile('token-signed')
const tokenless = tacFile('tokenless')

async function textOf(doubles: Parameters<typeof observe>[0], width?: number): Promise<string> {
  const { steps: _steps, unexpected: _unexpected, ...observation } = await observe(doubles)
  // As it comes over the API.
  return observationText(clusterObservationSchema.parse(JSON.parse(JSON.stringify(observation))), width)
}

const troubled = {
  files: {
    ...everywhere(tokens),
    'sub1 tftp CTLFile.tlv': tokenless,
    'sub1 http CTLFile.tlv': nodeError('NODE_UNREACHABLE', 'sub1'),
    'pub tftp ITLFile.tlv': tokenless,
    'pub http ITLFile.tlv': tokenless,
  },
  axl: {},
  cli: {},
  tvs: async (node: string) => (node === 'pub' ? trusted : untrusted),
}

test('the whole of a troubled cluster fits 80 columns', async (t) => {
  const lines = (await textOf(troubled, 80)).split('\n')
  t.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  )
  t.true(lines.length > 60)
})

test('without a width, or on a terminal that does not know it, no sentence is broken', async (t) => {
  const text = await textOf(troubled)
  t.is(await textOf(troubled, 0), text)
  t.regex(text, /^ {4}do {4}Restart Cisco Tftp on the nodes with the old file, or publish to them: /m)
})

test('the table says who serves which file, and the letters are explained below', async (t) => {
  const text = await textOf(troubled)
  t.regex(text, /^pub {3}A +A +C +C +3 of 3$/m)
  t.regex(text, /^sub1 {2}B +failed +none +none +0 of 3$/m)
  t.regex(text, /^sub2 {2}- +- +- +- +-$/m)
  t.regex(text, /^A: CTL, 5728 bytes, signed by tokens, for mixed mode$/m)
  t.regex(text, /^B: CTL, 4947 bytes, tokenless, for mixed mode$/m)
  t.regex(text, /^C: ITL, 4947 bytes$/m)
  t.regex(text, / {2}release {2}10\.5\.1\.10000-7 \(AXL\)\n {2}mode {5}mixed \(AXL\)/)
})

test('show ctl, TVS and devices are told with what they are worth', async (t) => {
  const text = await textOf({
    ...troubled,
    cli: { showCtl: async () => shownCtl({ md5: 'ab'.repeat(16), length: 4000, isVerified: false }) },
  })
  t.regex(
    text,
    /show ctl on the publisher: a file that no node serves, MD5 (ab){16}, 4000 bytes, NOT verified/,
  )
  t.regex(text, /Necessary, not proof/)
  t.regex(text, /trusted, roles SAST\+TFTP, kept 24 h: pub/)
  t.regex(text, /NOT trusted: sub1/)
  t.regex(text, /Devices: 120 with Security By Default, 4 without, 1 not known/)
  t.regex(text, /^ {2}4 +NO +Cisco 7960\n {2}1 +not known +Third-party SIP\n {2}120 +yes +Cisco 7945$/m)
})

test('what was not asked is said to be so, and not taken for good', async (t) => {
  const text = await textOf({ files: everywhere(tokens), settings: { ...threeNodes, release: undefined } })
  t.regex(text, /release {2}not known/)
  t.regex(text, /mode {5}not asked: the settings have neither axl nor cli/)
  t.notRegex(text, /Devices|show ctl/)
})

test('texts from nodes and files reach no terminal as they are', async (t) => {
  const hostile = 'Cisco \u001b]0;owned\u0007 7945'
  const text = await textOf({
    axl: { modelCounts: async () => [{ model: hostile, devices: 1, securityByDefault: true }] },
  })
  t.false(text.includes('\u001b'))
  t.true(text.includes('\\x1b]0;owned\\x07'))
})
