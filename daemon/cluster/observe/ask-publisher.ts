/** What the publisher says of the whole cluster: over AXL and its command line, each as far as it is configured. */
import type { OpenedCluster } from '../opened-cluster.js'
import type { Axl, CucmCli, ShownCtl } from '../ports.js'
import { InTurn, notAsked, type OnUnexpected } from './ask.js'
import type { Asked, ClusterFacts, ShownChecksums } from './observation.js'
import type { Steps } from './steps.js'

export type PublisherAnswers = Pick<
  ClusterFacts,
  'securityMode' | 'release' | 'showCtl' | 'processNodes' | 'devices'
>

/** Questions over one way, one after the other. */
class Asker {
  readonly #turn: InTurn
  readonly #node: string
  readonly #steps: Steps

  constructor(node: string, steps: Steps, onUnexpected: OnUnexpected) {
    this.#node = node
    this.#steps = steps
    this.#turn = new InTurn(onUnexpected)
  }

  ask<T>(question: string, work: () => Promise<T>): Promise<Asked<T>> {
    this.#steps.expect(1)
    return this.#steps.take(this.#node, question, this.#turn.ask(work))
  }
}

export async function askPublisher(
  { settings, axl, cli }: OpenedCluster,
  steps: Steps,
  onUnexpected: OnUnexpected,
): Promise<PublisherAnswers> {
  const name = settings.nodes.find(({ runs }) => runs.includes('publisher'))?.name ?? settings.name
  const asker = () => new Asker(name, steps, onUnexpected)
  const [overAxl, overCli] = await Promise.all([axl && askAxl(axl, asker()), cli && askCli(cli, asker())])
  const noAxl = notAsked('The settings have no axl.')
  return {
    securityMode: [overAxl, overCli].flatMap((answers) => answers?.securityMode ?? []),
    release: overAxl?.release ?? {
      from: 'settings',
      asked:
        settings.release === undefined
          ? notAsked('The settings have no release, and no axl to ask for it.')
          : { state: 'answered', answer: settings.release },
    },
    showCtl: overCli?.showCtl ?? notAsked('The settings have no cli.'),
    processNodes: overAxl?.processNodes ?? noAxl,
    devices: overAxl?.devices ?? noAxl,
  }
}

async function askAxl(axl: Axl, asker: Asker) {
  const [release, securityMode, processNodes, devices] = await Promise.all([
    asker.ask('release over AXL', () => axl.version()),
    asker.ask('mode over AXL', () => axl.securityMode()),
    asker.ask('nodes over AXL', () => axl.nodes()),
    asker.ask('devices over AXL', () => axl.modelCounts()),
  ])
  return {
    release: { from: 'axl', asked: release },
    securityMode: { from: 'axl', asked: securityMode },
    processNodes,
    devices,
  } as const
}

async function askCli(cli: CucmCli, asker: Asker) {
  const [showCtl, securityMode] = await Promise.all([
    asker.ask('show ctl', async () => checksumsOf(await cli.showCtl())),
    asker.ask('mode over the command line', () => cli.securityMode()),
  ])
  return { showCtl, securityMode: { from: 'cli', asked: securityMode } } as const
}

/** Without its text, which says the same in more words. */
function checksumsOf({ md5, sha1, length, isVerified }: ShownCtl): ShownChecksums {
  return { ...(md5 !== undefined && { md5 }), ...(sha1 !== undefined && { sha1 }), length, isVerified }
}
