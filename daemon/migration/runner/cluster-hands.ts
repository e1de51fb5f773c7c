/** Acts on a configured cluster for its migration: alone, whoever else would publish or probe meanwhile. */
import type { ClusterDesk } from '../../cluster/cluster-desk.js'
import type { OpenedCluster } from '../../cluster/opened-cluster.js'
import type { PublishingStore } from '../../cluster/publishing-parts.js'
import type { SigningTokens } from '../../signing/sign-file.js'
import type { Action } from '../plan/plan.js'
import type { HeldClusters } from '../situation/held-clusters.js'
import { composeDraft, keepFiles, keepServed, signDraft } from './acting/act-on-files.js'
import { publish, restoreFiles } from './acting/act-on-nodes.js'
import { restart, typeCommand } from './acting/act-on-services.js'
import type { ActContext, ActionOutcome, Hands } from './hands.js'

export interface HandsParts {
  readonly desk: ClusterDesk
  readonly clusters: HeldClusters
  readonly tokens: SigningTokens
  readonly store: PublishingStore
  readonly now: () => Date
}

export function clusterHands(parts: HandsParts): Hands {
  return { act: (action, context) => act(parts, action, context) }
}

function act(
  { desk, clusters, tokens, store, now }: HandsParts,
  action: Action,
  context: ActContext,
): Promise<ActionOutcome> {
  const { cluster } = context.situation
  const change = (work: (opened: OpenedCluster) => Promise<ActionOutcome>) =>
    desk.changeInTurn(cluster, `step ${context.step.id} of migration ${context.migration}`, work)
  switch (action.do) {
    case 'keep-files':
      return clusters.use(cluster, (held) => keepFiles(held, store.env, context))
    case 'compose':
      return composeDraft(action, context, now)
    case 'sign':
      return signDraft({ tokens, audit: store.audit }, action, context)
    case 'keep-served':
      return clusters.use(cluster, (held) => keepServed(held, action, context))
    case 'publish':
      return change((opened) => publish(opened, store, action, context))
    case 'restore-files':
      return change((opened) => restoreFiles(opened, store, action, context))
    case 'restart':
      return change((opened) => restart(opened, store.audit, action, context))
    case 'set-mode':
    case 'update-ctl-file':
    case 'reset-local-key':
    case 'delete-stale-ctl':
      return change((opened) => typeCommand(opened, store.audit, action, context))
    case 'upload-certificates':
    case 'remove-certificates':
    case 'regenerate':
    case 'reset-phones':
    case 'hard-stop':
    case 'confirm':
    case 'wait':
      return Promise.reject(new Error(`${action.do} is not the daemon’s to do.`))
  }
}
