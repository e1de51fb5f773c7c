/** Services, the mode and the probes, against what a step awaits. */
import type { PublishingProbes } from '../../../store/publishing-probes.js'
import type { Condition } from '../../plan/plan.js'
import type { HeldCluster } from '../../situation/held-clusters.js'
import { nodeNamed, observeMode } from '../../situation/read-node.js'
import { probesOf } from '../../situation/take-situation.js'
import type { SeeContext, Seen, StepContext } from '../eyes.js'
import { eachNode, seenOf } from './seen-of.js'

type Of<Is extends Condition['is']> = Extract<Condition, { is: Is }>

export async function seeMode(held: HeldCluster, { mode }: Of<'mode'>): Promise<Seen> {
  const now = await observeMode(held)
  if ('unseen' in now) return { holds: 'unknown', evidence: [{ node: now.at, text: now.unseen }] }
  return { holds: now.seen === mode, evidence: [{ node: now.at, text: `The mode is ${now.seen}.` }] }
}

/** What the publisher has built lies there before it is served, and only its own command line shows it. */
export async function seeBuilt(
  { opened: { cli, settings }, ask }: HeldCluster,
  { asked, mark }: SeeContext,
): Promise<Seen> {
  const node = settings.nodes.find(({ runs }) => runs.includes('publisher'))?.name ?? settings.name
  if (cli === undefined) {
    return {
      holds: 'unknown',
      evidence: [{ node, text: 'The settings have no cli, so show ctl cannot be asked.' }],
    }
  }
  const { sha1 = 'none', isVerified } = await ask('cli', () => cli.showCtl())
  const text = `show ctl: ${sha1 === 'none' ? 'no file' : `SHA-1 ${sha1}, ${isVerified ? 'verified' : 'not verified'}`}.`
  if (asked !== 'before' && mark === undefined)
    return { holds: 'unknown', mark: sha1, evidence: [{ node, text }] }
  const isNew = sha1 !== 'none' && isVerified && sha1 !== mark
  return { holds: asked !== 'before' && isNew, mark: sha1, evidence: [{ node, text }] }
}

/** Up-times are whole seconds, and an answer takes its time: two starts closer than this look like one. */
const START_RESOLUTION = 2_000

export async function seeServiceStarted(
  held: HeldCluster,
  { service, node }: Of<'service-started'>,
  { asked, mark }: SeeContext,
  now: () => Date,
): Promise<Seen> {
  const center = held.opened.controlCenter(nodeNamed(held, node))
  if (center === undefined) return withoutControlCenter(node, service, asked)
  let marked: string | undefined
  const seen = await eachNode([node], async () => {
    const { status, upTime } = await held.ask(`control-center ${node}`, () => center.state(service))
    const at = now().getTime()
    const since =
      upTime === undefined ? '' : ` since ${new Date(at - upTime * 1000).toISOString().slice(0, 19)}Z`
    const text = `${service}: ${status}${since}.`
    if (upTime !== undefined) marked = `${new Date(at).toISOString()} ${upTime}`
    if (status !== 'Started') return { holds: false, text }
    if (asked !== 'in-doubt') return { holds: true, text }
    const isNew = isStartedSince(mark, { at, upTime })
    if (isNew === undefined) {
      return { holds: 'unknown', text: `${text} Whether that is a new start the node does not say.` }
    }
    return { holds: isNew, text: isNew ? text : `${text} That is the start of before.` }
  })
  return seenOf(seen, marked === undefined ? {} : { mark: marked })
}

/**
 * A service that has run for less than before was started anew, whatever the clock says. Where it has run for more, it
 * was started after the look before if the clock was not set by more than it had run by then.
 */
function isStartedSince(
  mark: string | undefined,
  { at, upTime }: { readonly at: number; readonly upTime: number | undefined },
): boolean | undefined {
  const [looked = '', ran = ''] = mark?.split(' ') ?? []
  const before = { at: Date.parse(looked), upTime: Number.parseInt(ran, 10) }
  if (upTime === undefined || Number.isNaN(before.at) || Number.isNaN(before.upTime)) return undefined
  if (upTime < before.upTime) return true
  const started = at - upTime * 1000
  return (
    started > before.at - START_RESOLUTION && started > before.at - before.upTime * 1000 + START_RESOLUTION
  )
}

/** The command line has no question for it: that it was done is known from the node's own word, or not at all. */
function withoutControlCenter(node: string, service: string, asked: SeeContext['asked']): Seen {
  if (asked === 'after') {
    return {
      holds: true,
      evidence: [
        { node, text: `${service} was restarted over the command line; said there, not looked at.` },
      ],
    }
  }
  const text = `Whether ${service} was restarted cannot be seen: the settings have no axl, whose user asks Control Center. Give one; it is taken at once.`
  return { holds: 'unknown', evidence: [{ node, text }] }
}

export async function seeProbed(
  probes: PublishingProbes,
  { nodes }: Of<'probed'>,
  { situation }: StepContext,
): Promise<Seen> {
  const probe = await probesOf(probes, situation.cluster, situation.release)
  return seenOf(
    await eachNode(nodes, async (node) => {
      const found = probe(node)
      if (found === undefined) {
        return {
          holds: false,
          text: `Publishing was never tried here: ctl-bridge clusters probe ${situation.cluster} --node ${node}.`,
        }
      }
      return { holds: found.outcome === 'worked', text: `The probe of ${found.at} ${found.outcome}.` }
    }),
  )
}
