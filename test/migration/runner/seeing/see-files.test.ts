import test from 'ava'
import type { StepContext } from '../../../../daemon/migration/runner/eyes.js'
import { seeSignedBy } from '../../../../daemon/migration/runner/seeing/see-files.js'
import type { HeldCluster } from '../../../../daemon/migration/situation/held-clusters.js'
import { signedFile, tokenless } from '../../../trust/acceptance-files.js'
import { aSituation, tokenFile } from '../../a-record.js'

const older = signedFile({ ...tokenless, timestamp: 0x54fa0217 })
const built = signedFile({ ...tokenless, timestamp: 0x54fb5397 })
const builtTwice = signedFile({ ...tokenless, timestamp: 0x54fb6000 })
type File = Uint8Array | 'none' | undefined

/** `pub` and `sub` serve these, and served those before. */
async function look(now: readonly [File, File], had: readonly [File, File]) {
  const names = ['pub', 'sub']
  const fileOf = (files: readonly [File, File], name: string) => files[names.indexOf(name)]
  const nodes = names.map((name) => ({ name, address: name, runs: ['tftp'], read: 'http', http_port: 0 }))
  const readFile = async ({ name }: { name: string }, _over: string, file: string) => {
    const bytes = file === 'CTLFile.tlv' ? fileOf(now, name) : undefined
    if (bytes instanceof Uint8Array) return bytes
    throw new Error('no such file')
  }
  const held = { opened: { settings: { nodes }, readFile } } as unknown as HeldCluster
  const before = async (name: string) => fileOf(had, name)
  const context = { situation: aSituation(), before } as unknown as StepContext
  return seeSignedBy(held, { is: 'signed-by', holder: 'call-manager', nodes: names }, context)
}

test('a file that the cluster built is another one than each node had: the same kind of signer does not tell', async (t) => {
  t.true((await look([built, built], [older, older])).holds)
  t.true((await look([built, built], [tokenFile, tokenFile])).holds)
  t.true((await look([built, built], ['none', 'none'])).holds)
  // Distribution is late on dedicated TFTP nodes: all of them serve what they had.
  const late = await look([older, older], [older, older])
  t.false(late.holds)
  t.regex(JSON.stringify(late.evidence), /pub.*which it served before.*sub.*which it served before/)
  t.false((await look([built, older], [older, older])).holds)
  t.false((await look([tokenFile, tokenFile], [older, older])).holds)
  t.false((await look([built, builtTwice], [older, older])).holds)
})

test('what a node had before, where it was not kept, is not known', async (t) => {
  t.is((await look([built, built], [older, undefined])).holds, 'unknown')
  t.false((await look([built, tokenFile], [older, undefined])).holds)
})
