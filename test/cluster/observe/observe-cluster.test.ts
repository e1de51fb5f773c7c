import { createHash } from 'node:crypto'
import test from 'ava'
import { decodeCtlFile, encodeCtlFile } from '../../../daemon/ctl/ctl-file.js'
import { certificateOf } from '../../../daemon/ctl/record-fields.js'
import { clusterObservationSchema } from '../../../daemon/http/schemas/observation-schemas.js'
import { tacFile } from '../../vectors/tac-files.js'
import { everywhere, nodeError, observe, threeNodes, trusted } from './observed-cluster.js'

const hash = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex')
const tokenless = tacFile('tokenless')
const tokens = tacFile('token-signed')

/** The first record of TAC 118893's file by tokens: token 1. */
const firstToken = certificateOf(decodeCtlFile(tokens).records[0] ?? (null as never)) ?? new Uint8Array()
const tokenHere = {
  token: '0a1b2c3d',
  sha256: hash('sha256', firstToken),
  subject: 'CN=SAST-ADN008580ef',
  der: firstToken,
}

test('a file is told as phones show it: size, MD5, SHA-1, signer, mode, time', async (t) => {
  const { files, nodes } = await observe({ files: everywhere(tokenless) })
  t.is(files.length, 1)
  t.like(files[0], {
    kind: 'ctl',
    size: 4947,
    md5: hash('md5', tokenless),
    sha1: hash('sha1', tokenless),
    verified: true,
    mode: 'tokenless',
    servers: 'secure',
    timestamp: '2015-03-06T20:56:07.000Z',
    signer: { holder: 'call-manager' },
  })
  t.deepEqual(
    nodes.map(({ name, ctl, itl }) => [name, ctl.length, itl.length]),
    [
      ['pub', 2, 2],
      ['sub1', 2, 2],
      ['sub2', 0, 0],
    ],
  )
  t.true(nodes[0]?.itl.every(({ asked }) => asked.state === 'answered' && asked.answer === null))
})

test('a CTL whose servers are stubs tells by the ITL that no token signed it', async (t) => {
  const ctl = decodeCtlFile(tokenless)
  const [sast] = ctl.records
  if (sast === undefined) return t.fail('no record')
  const stubs = encodeCtlFile({ ...ctl, records: [sast] })
  const alone = await observe({ files: everywhere(stubs) })
  t.is(alone.files[0]?.mode, 'token')
  const { files } = await observe({ files: { ...everywhere(stubs), 'pub tftp ITLFile.tlv': tokenless } })
  t.is(files[0]?.mode, 'tokenless')
  t.is(files.length, 2)
})

test('a token CTL tells which token here signed it, or that it lists one', async (t) => {
  const { files, certificates } = await observe({ files: everywhere(tokens) }, [tokenHere])
  t.is(files[0]?.mode, 'token')
  t.is(files[0]?.signer?.holder, 'token')
  t.like(certificates[0], { tokens: ['0a1b2c3d'], inCtl: true })
  t.is(certificates.length, 2, 'and the other token, which is not known here')
})

test('each TVS is asked about tokens known here and the SAST records that are served, once', async (t) => {
  const asked: string[] = []
  const { certificates, nodes } = await observe(
    {
      files: { ...everywhere(tokenless), 'sub1 http CTLFile.tlv': tokens },
      tvs: async (node, certificate) => {
        asked.push(`${node} ${hash('sha256', certificate)}`)
        return trusted
      },
    },
    [tokenHere, { ...tokenHere, token: 'copy' }],
  )
  t.is(certificates.length, 3)
  t.deepEqual(certificates[0]?.tokens, ['0a1b2c3d', 'copy'])
  t.is(asked.length, 6)
  t.is(new Set(asked).size, 6)
  t.deepEqual(
    nodes.map(({ tvs }) => tvs.length),
    [3, 3, 0],
  )
})

test('a refused password is not tried again: the questions behind it are not asked', async (t) => {
  let tries = 0
  const refuse = () => {
    tries += 1
    return Promise.reject(nodeError('NODE_LOGIN_REFUSED', 'pub'))
  }
  const observed = await observe({
    files: everywhere(tokenless),
    axl: { version: refuse, securityMode: refuse, nodes: refuse, modelCounts: refuse },
  })
  t.is(tries, 1)
  t.deepEqual(
    observed.unanswered.map(({ node, question }) => `${node} ${question}`),
    ['pub release over AXL'],
  )
  t.is(observed.devices.state, 'not-asked')
  t.is(observed.files.length, 1, 'the files are there all the same')
})

test('a wrong answer to one question leaves the next to be asked', async (t) => {
  const { devices, release } = await observe({
    axl: { version: () => Promise.reject(nodeError('NODE_ANSWER_WRONG', 'pub')) },
  })
  t.is(release.asked.state, 'failed')
  t.is(devices.state, 'answered')
})

test('a node that is silent is not waited for once per certificate', async (t) => {
  let asked = 0
  const { nodes } = await observe({
    files: everywhere(tokens),
    tvs: (node) => {
      if (node === 'pub') return Promise.resolve(trusted)
      asked += 1
      return Promise.reject(nodeError('NODE_UNREACHABLE', node))
    },
  })
  t.is(asked, 1)
  t.deepEqual(
    nodes[1]?.tvs.map(({ asked: { state } }) => state),
    ['failed', 'not-asked'],
  )
})

test('an error of our own is told as such, logged, and hides nothing', async (t) => {
  const { unexpected, unanswered, files } = await observe({
    files: { ...everywhere(tokenless), 'sub1 tftp CTLFile.tlv': new TypeError('a mistake of ours') },
  })
  t.is(unexpected.length, 1)
  t.deepEqual(
    unanswered.map(({ problem }) => problem.code),
    ['INTERNAL'],
  )
  t.false(JSON.stringify(unanswered).includes('a mistake of ours'))
  t.is(files.length, 1)
})

test('progress counts up to all questions', async (t) => {
  const { steps } = await observe({ files: everywhere(tokens), axl: {}, cli: {} })
  // 8 files, 4 over AXL, 2 over the command line, 2 certificates on 2 nodes
  t.is(steps.length, 18)
  t.deepEqual(
    steps.map(({ done }) => done),
    steps.map((_, index) => index + 1),
  )
  t.is(steps.at(-1)?.of, 18)
})

test('of Asterisk the files are asked and nothing else; whose key signed is not guessed', async (t) => {
  const [node] = threeNodes.nodes
  const observed = await observe({
    settings: {
      ...threeNodes,
      kind: 'asterisk',
      release: undefined,
      nodes: node === undefined ? [] : [{ ...node, name: 'pbx', runs: ['tftp'] }],
    },
    files: { 'pbx tftp CTLFile.tlv': tokens },
  })
  t.is(observed.steps.length, 2)
  t.is(observed.files[0]?.mode, undefined)
  t.is(observed.files[0]?.signer?.holder, undefined)
  t.deepEqual(observed.certificates, [])
})

test('an observation is as its schema says', async (t) => {
  const {
    steps: _steps,
    unexpected: _unexpected,
    ...observation
  } = await observe(
    {
      files: { ...everywhere(tokens), 'sub1 tftp CTLFile.tlv': nodeError('NODE_UNREACHABLE', 'sub1') },
      axl: {},
      cli: {},
    },
    [tokenHere],
  )
  t.is(clusterObservationSchema.safeParse(JSON.parse(JSON.stringify(observation))).error, undefined)
})
