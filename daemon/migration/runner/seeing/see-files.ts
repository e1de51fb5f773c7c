/** What the nodes serve, against what a step awaits. */
import { sameBytes } from '../../../ctl/bytes.js'
import { serverCertificates } from '../../../trust/verify/server-certificates.js'
import { verifyCtlFile } from '../../../trust/verify/verify-ctl-file.js'
import { entriesOf, type ItlEntry, readCurrentFile, serversInItls, sha256 } from '../../plan/ground.js'
import type { Condition } from '../../plan/plan.js'
import type { HeldCluster } from '../../situation/held-clusters.js'
import { CTL_FILE, ITL_FILE, readFileOf, tftpNodes } from '../../situation/read-node.js'
import type { Situation } from '../../situation/situation.js'
import { beforeName } from '../artifact-names.js'
import type { Seen, StepContext } from '../eyes.js'
import { eachNode, seenOf } from './seen-of.js'

type Of<Is extends Condition['is']> = Extract<Condition, { is: Is }>

export const shortHash = (bytes: Uint8Array | 'none'): string =>
  bytes === 'none' ? 'no file' : `the file with SHA-256 ${sha256(bytes).slice(0, 16)}…`

async function served(held: HeldCluster, name: string, file = CTL_FILE): Promise<Uint8Array | 'none'> {
  const node = tftpNodes(held).find((known) => known.name === name)
  if (node === undefined) throw new Error(`The settings have no node ${name} with tftp any more.`)
  return await readFileOf(held, node, file)
}

const same = (one: Uint8Array | 'none', other: Uint8Array | 'none'): boolean =>
  one === 'none' || other === 'none' ? one === other : sameBytes(one, other)

export async function seeServes(
  held: HeldCluster,
  { what, nodes }: Of<'serves'>,
  context: StepContext,
): Promise<Seen> {
  const wanted = await Promise.all(
    nodes.map((node) => (what === 'before' ? context.before(node) : context.artifact(what))),
  )
  return seenOf(
    await eachNode(nodes, async (node) => {
      const file = wanted[nodes.indexOf(node)]
      if (file === undefined)
        return { holds: false, text: 'The file that it is to serve does not exist yet.' }
      return compared(await served(held, node), file)
    }),
  )
}

function compared(now: Uint8Array | 'none', wanted: Uint8Array | 'none') {
  if (same(now, wanted)) return { holds: true, text: `It serves ${shortHash(now)}.` }
  return { holds: false, text: `It serves ${shortHash(now)}, not ${shortHash(wanted)}.` }
}

export async function seeServesKept(
  held: HeldCluster,
  { nodes }: Of<'serves-kept'>,
  { before }: StepContext,
): Promise<Seen> {
  return seenOf(
    await eachNode(nodes, async (node) => {
      const kept = await before(node)
      if (kept === undefined) return { holds: 'unknown', text: 'What it served before was not kept.' }
      return compared(await served(held, node), kept)
    }),
  )
}

export async function seeServesNoCtl(held: HeldCluster, { nodes }: Of<'serves-no-ctl'>): Promise<Seen> {
  return seenOf(await eachNode(nodes, async (node) => compared(await served(held, node), 'none')))
}

const holderNames = {
  'call-manager': 'CallManager',
  'itl-recovery': 'ITLRecovery',
  token: 'a token',
} as const

/**
 * Of a file that the cluster builds itself nobody knows the bytes before. The one from before may have the same kind of
 * signer, so what a node had is never it: a node may have its file late, or Cisco Tftp be restarted by somebody early.
 */
export async function seeSignedBy(
  held: HeldCluster,
  { holder, nodes }: Of<'signed-by'>,
  { before, situation }: StepContext,
): Promise<Seen> {
  const files = new Map<string, Uint8Array | 'none'>()
  const seen = await eachNode(nodes, async (node) => {
    const [file, kept] = await Promise.all([served(held, node), before(node)])
    files.set(node, file)
    if (file !== 'none' && kept !== undefined && same(file, kept)) {
      return {
        holds: false,
        text: `It serves ${shortHash(file)}, which it served before: the new one is not there yet, or Cisco Tftp was not restarted after it came. Where it stays so, restart Cisco Tftp there once more.`,
      }
    }
    const servers = [...serversInItls(situation.nodes), ...(await serversNow(held, node))]
    const found = signerOf(file, holder, servers)
    return kept === undefined && found.holds
      ? { holds: 'unknown', text: `${found.text} What it served before was not kept.` }
      : found
  })
  const isOne = new Set([...files.values()].map((file) => (file === 'none' ? file : sha256(file)))).size <= 1
  return seenOf(
    isOne
      ? seen
      : seen.map((one) => ({
          ...one,
          holds: one.holds === true ? (false as const) : one.holds,
          text: `${one.text} The nodes serve different files.`,
        })),
  )
}

/** Certificates may have been regenerated since the situation was taken. Whose ITL cannot be read tells none. */
async function serversNow(held: HeldCluster, node: string): Promise<Uint8Array[]> {
  const itl = await served(held, node, ITL_FILE).catch(() => 'none' as const)
  return itl === 'none' ? [] : serverCertificates(itl)
}

function signerOf(
  file: Uint8Array | 'none',
  holder: Of<'signed-by'>['holder'],
  servers: readonly Uint8Array[],
) {
  if (file === 'none') return { holds: false, text: 'It serves no file.' }
  const { problem } = verifyCtlFile(file)
  if (problem !== undefined)
    return { holds: false, text: `Its file does not verify: ${problem.detail} (${problem.code})` }
  const signer = readCurrentFile(file, servers)?.sast.find(({ isSigner }) => isSigner)
  if (signer === undefined) return { holds: false, text: 'Its file names a signer that it does not list.' }
  const told = `It serves ${shortHash(file)}, signed by ${holderNames[signer.holder]}`
  return signer.holder === holder
    ? { holds: true, text: `${told}.` }
    : { holds: false, text: `${told}, not by ${holderNames[holder]}.` }
}

/** Cisco Tftp serves a new ITL once it was restarted, so a new certificate is seen after that. */
export async function seeRegenerated(
  held: HeldCluster,
  { what, node }: Of<'regenerated'>,
  { situation, artifact }: StepContext,
): Promise<Seen> {
  const shown = showing(what, node, situation)
  const known = situation.nodes.find(({ name }) => name === shown)?.itl
  const kept =
    known !== undefined && 'seen' in known ? known.seen : await artifact(beforeName(shown, ITL_FILE))
  return seenOf(
    await eachNode([shown], async () => {
      const old = certificateFor(what, shown, kept)
      if (old === undefined)
        return { holds: 'unknown', text: `Its ITL of before names no ${what} certificate.` }
      const now = certificateFor(what, shown, await served(held, shown, ITL_FILE))
      if (now === undefined) return { holds: false, text: `Its ITL names no ${what} certificate.` }
      return now === old
        ? {
            holds: false,
            text: `Its ITL still names the ${what} certificate of before. A new one is seen once Cisco Tftp was restarted.`,
          }
        : { holds: true, text: `Its ITL names a new ${what} certificate, SHA-256 ${now.slice(0, 16)}….` }
    }),
  )
}

/** A publisher without TFTP serves no ITL; the one ITLRecovery of the cluster stands in that of every node. */
function showing(what: Of<'regenerated'>['what'], node: string, { nodes }: Situation): string {
  const withItl = nodes.filter(({ runs }) => runs.includes('tftp')).map(({ name }) => name)
  return what === 'CallManager' || withItl.includes(node) ? node : (withItl[0] ?? node)
}

const callManagerRoles = [1, 2]

function certificateFor(
  what: Of<'regenerated'>['what'],
  node: string,
  itl: Uint8Array | 'none' | undefined,
): string | undefined {
  if (itl === undefined || itl === 'none') return undefined
  const isMeant = ({ isRecovery, role }: ItlEntry) =>
    what === 'ITLRecovery' ? isRecovery : callManagerRoles.includes(role)
  return entriesOf(node, itl).find(isMeant)?.sha256
}
