/** Where nodes disagree, by the files whose transcripts TAC 118893 prints. */
import { createHash } from 'node:crypto'
import test from 'ava'
import type { SecurityMode } from '../../../daemon/cluster/ports.js'
import { tacFile } from '../../vectors/tac-files.js'
import {
  codesOf,
  everywhere,
  nodeError,
  observe,
  shownCtl,
  threeNodes,
  trusted,
  untrusted,
} from './observed-cluster.js'

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const mode = (wanted: SecurityMode) => ({ securityMode: async () => wanted })
const tokenless = tacFile('tokenless')
const tokens = tacFile('token-signed')

test('a cluster that serves one file everywhere has nothing to disagree about', async (t) => {
  const observed = await observe({
    files: everywhere(tokenless),
    axl: {},
    cli: { showCtl: async () => shownCtl({ md5: md5(tokenless), length: 4947, isVerified: true }) },
  })
  t.deepEqual(observed.disagreements, [])
  t.deepEqual(observed.unanswered, [])
})

test('nodes with different CTLs are told, with who has which, and what to do', async (t) => {
  const observed = await observe({
    files: {
      ...everywhere(tokens),
      'sub1 tftp CTLFile.tlv': tokenless,
      'sub1 http CTLFile.tlv': tokenless,
    },
  })
  t.deepEqual(codesOf(observed), ['CTL_DIFFERS'])
  const [found] = observed.disagreements
  t.deepEqual(found?.nodes, ['pub', 'sub1'])
  t.regex(found?.detail ?? '', new RegExp(`pub: MD5 ${md5(tokens)}; sub1: MD5 ${md5(tokenless)}`))
  t.regex(found?.remedy ?? '', /--node/)
})

test('a node without a CTL differs from one with, and a node that failed does not', async (t) => {
  const without = await observe({ files: { 'pub tftp CTLFile.tlv': tokens, 'pub http CTLFile.tlv': tokens } })
  t.deepEqual(codesOf(without), ['CTL_DIFFERS'])
  t.regex(without.disagreements[0]?.detail ?? '', /sub1: no CTL/)
  const down = nodeError('NODE_UNREACHABLE', 'sub1')
  const failed = await observe({
    files: {
      ...everywhere(tokens),
      'sub1 tftp CTLFile.tlv': down,
      'sub1 http CTLFile.tlv': down,
    },
  })
  t.deepEqual(codesOf(failed), [])
  t.deepEqual(
    failed.unanswered.map(({ node, question, problem }) => [node, question, problem.code]),
    [
      ['sub1', 'CTL over TFTP', 'NODE_UNREACHABLE'],
      ['sub1', 'CTL over HTTP', 'NODE_UNREACHABLE'],
    ],
  )
})

test('TFTP and HTTP of one node that differ are told of that node', async (t) => {
  const observed = await observe({ files: { ...everywhere(tokens), 'sub1 http CTLFile.tlv': tokenless } })
  t.true(codesOf(observed).includes('WAYS_DIFFER'))
  t.deepEqual(observed.disagreements.find(({ code }) => code === 'WAYS_DIFFER')?.nodes, ['sub1'])
})

test('each node may have an ITL of its own, but only one', async (t) => {
  const itls = {
    'pub tftp ITLFile.tlv': tokenless,
    'pub http ITLFile.tlv': tokenless,
    'sub1 tftp ITLFile.tlv': tokens,
    'sub1 http ITLFile.tlv': tokens,
  }
  t.deepEqual(codesOf(await observe({ files: { ...everywhere(tokens), ...itls } })), [])
  const mixed = await observe({
    files: { ...everywhere(tokens), ...itls, 'sub1 http ITLFile.tlv': tokenless },
  })
  t.deepEqual(codesOf(mixed), ['WAYS_DIFFER'])
})

test('show ctl that tells of another file than the publisher serves', async (t) => {
  const other = shownCtl({ md5: md5(tokens), length: tokens.length, isVerified: true })
  for (const [shown, files, wording] of [
    [other, everywhere(tokenless), /another file/],
    [shownCtl({}), everywhere(tokenless), /finds no CTL/],
    [other, {}, /serves none/],
  ] as const) {
    const observed = await observe({ files, cli: { showCtl: async () => shown } })
    const found = observed.disagreements.find(({ code }) => code === 'SHOW_CTL_DIFFERS')
    t.deepEqual(found?.nodes, ['pub'])
    t.regex(found?.detail ?? '', wording)
  }
})

test('mode and file: a stale file, stubs in mixed mode, no file in mixed mode', async (t) => {
  const stale = await observe({ files: everywhere(tokenless), axl: mode('non-secure') })
  t.deepEqual(codesOf(stale), ['MODE_AND_FILE'])
  t.regex(stale.disagreements[0]?.detail ?? '', /non-secure.*pub and sub1.*mixed mode/)
  const stubs = await observe({ files: everywhere(tacFile('non-secure')), axl: mode('mixed') })
  t.deepEqual(codesOf(stubs), ['MODE_AND_FILE'])
  const none = await observe({ axl: mode('mixed') })
  t.deepEqual(codesOf(none), ['MODE_AND_FILE'])
  const fitting = await observe({ files: everywhere(tacFile('non-secure')), axl: mode('non-secure') })
  t.deepEqual(codesOf(fitting), [])
})

test('TVS of one node that does not trust the signer is told twice: against the others, and against the file', async (t) => {
  const observed = await observe({
    files: everywhere(tokenless),
    tvs: async (node) => (node === 'sub1' ? untrusted : trusted),
  })
  t.deepEqual(codesOf(observed), ['TVS_DIFFERS', 'SIGNER_NOT_VOUCHED'])
  t.regex(observed.disagreements[0]?.detail ?? '', /pub: trusted, roles 0\+3; sub1: not trusted/)
  t.deepEqual(observed.disagreements[1]?.nodes, ['sub1'])
})

test('roles in another order are the same answer, and other roles are not', async (t) => {
  const roles = (...given: number[]) => ({ ...trusted, roles: given })
  const same = await observe({
    files: everywhere(tokenless),
    tvs: async (node) => (node === 'pub' ? roles(0, 3) : roles(3, 0)),
  })
  t.deepEqual(codesOf(same), [])
  const other = await observe({
    files: everywhere(tokenless),
    tvs: async (node) => (node === 'pub' ? roles(0, 2) : roles(0, 3)),
  })
  t.deepEqual(codesOf(other), ['TVS_DIFFERS'])
})

test('a file that does not verify is named with its nodes', async (t) => {
  const broken = Uint8Array.from(tokenless)
  broken[1000] = (broken[1000] ?? 0) ^ 1
  const observed = await observe({ files: { ...everywhere(tokenless), 'sub1 tftp CTLFile.tlv': broken } })
  const found = observed.disagreements.find(({ code }) => code === 'FILE_INVALID')
  t.deepEqual(found?.nodes, ['sub1'])
  t.true(observed.files.some(({ verified, problem }) => !verified && problem !== undefined))
})

test('release and nodes of the settings against what the cluster says', async (t) => {
  const observed = await observe({
    files: everywhere(tokenless),
    settings: { ...threeNodes, release: '11.5' },
    axl: {
      nodes: async () => [
        { name: 'pub', role: 'CUCM Voice/Video' },
        { name: 'sub1', role: 'CUCM Voice/Video' },
        { name: 'sub9', role: 'CUCM Voice/Video' },
      ],
    },
  })
  t.deepEqual(codesOf(observed), ['RELEASE_DIFFERS', 'NODE_NOT_CONFIGURED', 'NODE_NOT_IN_CLUSTER'])
  t.deepEqual(observed.disagreements[1]?.nodes, ['sub9'])
  t.deepEqual(observed.disagreements[2]?.nodes, ['sub2'])
})
