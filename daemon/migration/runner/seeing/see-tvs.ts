/** What TVS of each node says of a certificate. Necessary and no proof: phones ask by the serial of their CTL. */
import { SAST } from '../../../ctl/tags.js'
import { knownTrustList } from '../../known-trust-list.js'
import { certificateNamed } from '../../plan/certificate-named.js'
import type { Condition } from '../../plan/plan.js'
import type { HeldCluster } from '../../situation/held-clusters.js'
import { nodeNamed } from '../../situation/read-node.js'
import type { Situation } from '../../situation/situation.js'
import type { Seen, StepContext } from '../eyes.js'
import { eachNode, seenOf } from './seen-of.js'

type Of<Is extends Condition['is']> = Extract<Condition, { is: Is }>

interface Asked {
  /** In words. */
  readonly name: string
  /** Undefined: it is not known here. */
  readonly der: Uint8Array | undefined
}

export async function seeTvsTrusts(
  held: HeldCluster,
  { sha256, role, nodes }: Of<'tvs-trusts'>,
  { situation }: StepContext,
): Promise<Seen> {
  const asked = sha256.map((sum) => ({ name: nameOf(situation, sum), der: certificateNamed(situation, sum) }))
  return await vouched(held, nodes, asked, role)
}

export async function seeTvsTrustsSigner(
  held: HeldCluster,
  { of, nodes }: Of<'tvs-trusts-signer'>,
  { artifact }: StepContext,
): Promise<Seen> {
  const file = await artifact(of)
  const signer = file instanceof Uint8Array ? knownTrustList(file).signer : undefined
  const asked = {
    name: `the signer of the file, ${signer?.subject ?? 'which was not read'}`,
    der: signer?.certificate,
  }
  return await vouched(held, nodes, [asked], SAST)
}

async function vouched(
  held: HeldCluster,
  nodes: readonly string[],
  asked: readonly Asked[],
  role: number,
): Promise<Seen> {
  return seenOf(
    await eachNode(nodes, async (node) => {
      const tvs = held.opened.tvs(nodeNamed(held, node))
      if (tvs === undefined) return { holds: 'unknown', text: 'The settings say that it runs no TVS.' }
      const lacking: string[] = []
      for (const { name, der } of asked) {
        if (der === undefined)
          return { holds: 'unknown', text: `The certificate of ${name} is not known here.` }
        const { isTrusted, roles } = await tvs.verify(der)
        if (!isTrusted || !roles.includes(role)) lacking.push(name)
      }
      return lacking.length === 0
        ? { holds: true, text: 'TVS vouches for each.' }
        : { holds: false, text: `TVS does not vouch for ${lacking.join(' and ')}.` }
    }),
  )
}

const nameOf = ({ tokens }: Situation, sum: string): string => {
  const token = tokens.find((known) => known.sha256 === sum)
  return token === undefined ? `the holder of ${sum.slice(0, 16)}…` : `token ${token.serial}`
}
