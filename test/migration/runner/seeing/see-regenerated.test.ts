import test from 'ava'
import type { StepContext } from '../../../../daemon/migration/runner/eyes.js'
import { seeRegenerated } from '../../../../daemon/migration/runner/seeing/see-files.js'
import type { HeldCluster } from '../../../../daemon/migration/situation/held-clusters.js'
import { itl, itlRecovery, signedFile } from '../../../trust/acceptance-files.js'
import * as tac from '../../../trust/tac-cluster.js'
import { aSituation } from '../../a-record.js'

const itlWith = (recovery: tac.Holder) => signedFile({ ...itl, sast: [recovery] })
const before = itlWith(itlRecovery)
const after = itlWith(tac.sastToken('ITLRECOVERY_pub', '0a0b0c0d0eff'))

/** The publisher runs no TFTP, so it serves no ITL; the subscriber serves this one. */
function look(served: Uint8Array) {
  const { nodes, ...rest } = aSituation()
  const [pub, sub] = nodes
  if (pub === undefined || sub === undefined) throw new Error('no nodes')
  const { itl: _, ...silent } = pub
  const situation = {
    ...rest,
    nodes: [
      { ...silent, runs: ['publisher', 'tvs', 'callmanager'] as const },
      { ...sub, itl: { seen: before, at: 'sub' } },
    ],
  }
  const opened = {
    settings: { nodes: situation.nodes.map((node) => ({ ...node, read: 'http', http_port: 0 })) },
    readFile: ({ name }: { name: string }) =>
      name === 'sub' ? Promise.resolve(served) : Promise.reject(new Error(`${name} was asked`)),
  }
  return seeRegenerated(
    { opened } as unknown as HeldCluster,
    { is: 'regenerated', what: 'ITLRecovery', node: 'pub' },
    { situation, artifact: () => Promise.resolve(undefined) } as unknown as StepContext,
  )
}

test('ITLRecovery of a publisher without TFTP shows in the ITL of another node', async (t) => {
  const same = await look(before)
  t.deepEqual([same.holds, same.evidence[0]?.node], [false, 'sub'], JSON.stringify(same))
  const anew = await look(after)
  t.is(anew.holds, true, JSON.stringify(anew))
})
