/** Every plan from the states that it begins in, on the releases where they differ: who signs in the end, and who is left behind. */
import type { StartRequest } from '../../../daemon/migration/desk/migrations.js'
import type { LabRelease, LabState } from '../../../lab/model/lab-cluster.js'
import { sha256 } from './files-after.js'
import type { Rehearsal } from './rehearsal.js'
import { updateRows } from './update-rows.js'

export type Wanted = Omit<StartRequest, 'cluster' | 'said'>

export interface PlanRow {
  readonly plan: Wanted['plan']
  readonly release: LabRelease
  readonly state: LabState
  /** What tells this row from others of the same plan, release and state. */
  readonly note?: string
  readonly wishes: (rehearsal: Rehearsal) => Wanted['wishes'] | Promise<Wanted['wishes']>
  /** A token that no file lists is made as well. */
  readonly hasSpare?: boolean
  /** Makes the cluster what the row begins with, where the lab does not. */
  readonly prepare?: (rehearsal: Rehearsal) => Promise<void>
  readonly ends: {
    readonly mode: 'mixed' | 'non-secure'
    readonly signer: 'token' | 'CallManager' | 'ITLRecovery' | 'no file'
    /** Which devices keep what they held: by what the documents say of them, not by the product. */
    readonly leftBehind: 'none' | 'without Security By Default'
  }
}

const nothing = () => ({ tokens: [], edits: [] })
const bothTokens = ({ tokens }: Rehearsal) => ({ tokens, edits: [] })
const lastSigns = ({ tokens }: Rehearsal) => ({
  tokens: [],
  ...(tokens.at(-1) !== undefined && { signer: tokens.at(-1) as string }),
  edits: [],
})

const mixed = 'mixed' as const
const nobody = 'none' as const
const withoutSbd = 'without Security By Default' as const

const withUtilsCtl = ['10.5.1', '10.5.2', '11.5', '12.5'] as const
/** From 11.5 on a token CTL lists ITLRecovery and CallManager, so that phones take what those sign. */
const strandedByLoss = (release: LabRelease) => (release === '12.5' ? nobody : withoutSbd)
const tokenlessSigner = (release: LabRelease) => (release === '12.5' ? 'ITLRecovery' : 'CallManager')

/** The publisher stands at another address in the file to come. */
export const addressOfPublisher = ({ running: { lab } }: Rehearsal) => {
  const certificate = sha256(lab.publisher.callManager().certificate)
  return { edit: 'address' as const, certificate, address: '10.1.2.3' }
}

export const planRows: readonly PlanRow[] = [
  ...withUtilsCtl.map((release) => ({
    plan: 'mixed-mode-tokenless' as const,
    release,
    state: 'nonsecure' as const,
    wishes: nothing,
    ends: { mode: mixed, signer: tokenlessSigner(release), leftBehind: nobody } as const,
  })),
  ...withUtilsCtl.map((release) => ({
    plan: 'tokens-to-tokenless' as const,
    release,
    state: 'tokens' as const,
    wishes: lastSigns,
    ends: { mode: mixed, signer: tokenlessSigner(release), leftBehind: nobody } as const,
  })),
  ...withUtilsCtl.map((release) => ({
    plan: 'tokenless-to-tokens' as const,
    release,
    state: 'tokenless' as const,
    wishes: bothTokens,
    ends: { mode: mixed, signer: 'token', leftBehind: withoutSbd } as const,
  })),
  ...withUtilsCtl.map((release) => ({
    plan: 'first-token-ctl' as const,
    release,
    state: 'nonsecure' as const,
    wishes: bothTokens,
    ends: { mode: mixed, signer: 'token', leftBehind: nobody } as const,
  })),
  ...(['9.1', ...withUtilsCtl] as const).map((release) => ({
    plan: 'update-token-ctl' as const,
    release,
    state: 'tokens' as const,
    note: 'an address changes',
    wishes: (rehearsal: Rehearsal) => ({
      ...lastSigns(rehearsal),
      edits: [addressOfPublisher(rehearsal)],
    }),
    ends: { mode: mixed, signer: 'token', leftBehind: nobody } as const,
  })),
  ...updateRows,
  ...(['10.5.2', '12.5'] as const).flatMap((release): PlanRow[] => [
    {
      plan: 'tokens-to-tokenless',
      release,
      state: 'tokens',
      note: 'all tokens are lost',
      wishes: () => ({ ...nothing(), tokensLost: true }),
      ends: { mode: mixed, signer: tokenlessSigner(release), leftBehind: strandedByLoss(release) },
    },
    {
      plan: 'non-secure',
      release,
      state: 'tokens',
      note: 'all tokens are lost',
      wishes: () => ({ ...nothing(), tokensLost: true }),
      ends: { mode: 'non-secure', signer: tokenlessSigner(release), leftBehind: strandedByLoss(release) },
    },
  ]),
  ...(['10.5.1', '10.5.2', '11.5'] as const).map((release) => ({
    plan: 'regenerate-tokenless' as const,
    release,
    state: 'tokenless' as const,
    note: 'CallManager of the publisher, which signs',
    wishes: ({ running: { lab } }: Rehearsal) => ({
      ...nothing(),
      regenerate: { what: 'CallManager' as const, node: lab.publisher.name },
    }),
    ends: { mode: mixed, signer: 'CallManager', leftBehind: withoutSbd } as const,
  })),
  {
    plan: 'regenerate-tokenless',
    release: '11.5',
    state: 'tokenless',
    note: 'CallManager of a subscriber, which does not sign',
    wishes: ({ running: { lab } }) => ({
      ...nothing(),
      regenerate: { what: 'CallManager', node: lab.nodes.at(-1)?.name ?? '' },
    }),
    ends: { mode: mixed, signer: 'CallManager', leftBehind: nobody },
  },
  {
    plan: 'regenerate-tokenless',
    release: '12.5',
    state: 'tokenless',
    note: 'CallManager of the publisher, which does not sign from 12.0 on',
    wishes: ({ running: { lab } }) => ({
      ...nothing(),
      regenerate: { what: 'CallManager', node: lab.publisher.name },
    }),
    ends: { mode: mixed, signer: 'ITLRecovery', leftBehind: nobody },
  },
  {
    plan: 'regenerate-tokenless',
    release: '12.5',
    state: 'tokenless',
    note: 'ITLRecovery, which signs from 12.0 on',
    wishes: ({ running: { lab } }) => ({
      ...nothing(),
      regenerate: { what: 'ITLRecovery', node: lab.publisher.name },
    }),
    ends: { mode: mixed, signer: 'ITLRecovery', leftBehind: withoutSbd },
  },
  {
    plan: 'regenerate-tokenless',
    release: '12.5',
    state: 'tokenless',
    note: 'ITLRecovery, by the local key first',
    wishes: ({ running: { lab } }) => ({
      ...nothing(),
      regenerate: { what: 'ITLRecovery', node: lab.publisher.name, through: 'local-key' },
    }),
    ends: { mode: mixed, signer: 'ITLRecovery', leftBehind: nobody },
  },
  ...withUtilsCtl.map((release) => ({
    plan: 'before-downgrade' as const,
    release,
    state: 'tokenless' as const,
    wishes: bothTokens,
    ends: { mode: mixed, signer: 'token', leftBehind: withoutSbd } as const,
  })),
  {
    plan: 'before-downgrade',
    release: '10.5.2',
    state: 'tokens',
    wishes: bothTokens,
    ends: { mode: mixed, signer: 'token', leftBehind: nobody },
  },
  ...withUtilsCtl.map((release) => ({
    plan: 'non-secure' as const,
    release,
    state: 'tokenless' as const,
    wishes: nothing,
    ends: { mode: 'non-secure', signer: tokenlessSigner(release), leftBehind: nobody } as const,
  })),
  ...withUtilsCtl.map((release) => ({
    plan: 'non-secure' as const,
    release,
    state: 'tokens' as const,
    wishes: lastSigns,
    ends: { mode: 'non-secure', signer: 'token', leftBehind: nobody } as const,
  })),
  {
    plan: 'stale-file',
    release: '10.5.2',
    state: 'nonsecure',
    note: 'a file of earlier days lies on every node',
    wishes: nothing,
    prepare: leaveStaleFile,
    ends: { mode: 'non-secure', signer: 'no file', leftBehind: nobody },
  },
]

/** The cluster goes to mixed mode and back, as in earlier days; `utils ctl` leaves a file. */
async function leaveStaleFile({ running: { lab, phones } }: Rehearsal): Promise<void> {
  await lab.setClusterMode(1)
  await lab.setClusterMode(0)
  await lab.replicated()
  await Promise.all(lab.nodes.map((node) => node.restart('Cisco Tftp')))
  await phones.reset('all')
}

export const titleOf = ({ plan, release, state, note }: PlanRow): string =>
  `${plan} on ${release} from ${state}${note === undefined ? '' : `: ${note}`}`
