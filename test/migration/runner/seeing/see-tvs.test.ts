import test from 'ava'
import type { StepContext } from '../../../../daemon/migration/runner/eyes.js'
import { seeTvsTrustsSigner } from '../../../../daemon/migration/runner/seeing/see-tvs.js'
import type { HeldCluster } from '../../../../daemon/migration/situation/held-clusters.js'
import { openDoubles, trusted, untrusted } from '../../../cluster/observe/observed-cluster.js'
import * as tac from '../../../trust/tac-cluster.js'
import { tokenless } from '../../../trust/tac-files.js'

const condition = { is: 'tvs-trusts-signer', of: 'new', nodes: ['pub', 'sub1'] } as const
const file = tokenless().signed

function look(answers: Readonly<Record<string, typeof trusted>>, artifact: Uint8Array | 'none' = file) {
  const asked: Uint8Array[] = []
  const opened = openDoubles({
    tvs: async (node, certificate) => {
      asked.push(certificate)
      return answers[node] ?? untrusted
    },
  })
  const held = { opened } as unknown as HeldCluster
  const context = { artifact: async () => artifact } as unknown as StepContext
  return { asked, seen: seeTvsTrustsSigner(held, condition, context) }
}

test('each TVS is asked for the certificate that signed the file', async (t) => {
  const { seen, asked } = look({ pub: trusted, sub1: trusted })
  t.true((await seen).holds)
  t.deepEqual(
    asked.map((der) => Buffer.from(der).toString('hex')),
    [tac.publisher.der, tac.publisher.der].map((der) => Buffer.from(der).toString('hex')),
  )
})

test('one that does not know it, or not as SAST, holds it up, and is named', async (t) => {
  for (const answer of [untrusted, { ...trusted, roles: [2] }]) {
    const { holds, evidence } = await look({ pub: trusted, sub1: answer }).seen
    t.false(holds)
    t.regex(evidence.find(({ node }) => node === 'sub1')?.text ?? '', /does not vouch for the signer/)
  }
})

test('without the file nothing is known', async (t) => {
  const { seen, asked } = look({ pub: trusted, sub1: trusted }, 'none')
  t.is((await seen).holds, 'unknown')
  t.deepEqual(asked, [])
})
