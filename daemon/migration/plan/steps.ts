/** The steps that plans are built of. Ids are numbered when a plan is whole (`numbered`). */
import type { CucmService, SecurityMode } from '../../cluster/ports.js'
import type { KnownToken } from '../situation/situation.js'
import type { PlanGround } from './ground.js'
import type { Action, ArtifactName, Condition, CtlRecipe, Step } from './plan.js'

/** A step before it has its number. */
export type Draft = Omit<Step, 'instructions' | 'needs'> & Partial<Pick<Step, 'instructions' | 'needs'>>

const nothing = { by: 'nothing' } as const
const SAST_ROLE = 0

export function numbered(drafts: readonly (Draft | readonly Draft[])[]): Step[] {
  return drafts.flat().map((draft, index) => ({
    instructions: [],
    needs: [],
    ...draft,
    id: `${String(index + 1).padStart(2, '0')}-${draft.id}`,
  }))
}

export const keepFiles = (ground: PlanGround): Draft => ({
  id: 'keep-files',
  actor: 'daemon',
  title: `Keep CTL and ITL of ${list(ground.tftp)} in the store`,
  does: { do: 'keep-files' },
  until: [],
  undo: nothing,
})

/** TAC 118893: both tokens, before the file. Whether the upload or TVS's cache saves the phones is not known: both are seen to. */
export const uploadTokens = (ground: PlanGround, tokens: readonly KnownToken[]): Draft => ({
  id: 'upload-tokens',
  actor: 'person',
  title: `Upload the certificates of ${tokens.length === 1 ? 'the token' : 'the tokens'} as Phone-SAST-trust`,
  instructions: [
    ...tokens.map(
      ({ serial }) => `ctl-bridge token export ${serial} --out ${serial}.pem writes a certificate to upload.`,
    ),
    `On ${ground.publisher ?? 'the publisher'}: OS Administration → Security → Certificate Management → Upload Certificate/Certificate Chain.`,
    'Certificate Purpose: Phone-SAST-trust. Choose the file, then Upload. Once for each certificate.',
    'The other nodes take it by replication, which may need 30 minutes; restarting Cisco Trust Verification Service there makes it sooner.',
  ],
  does: {
    do: 'upload-certificates',
    store: 'Phone-SAST-trust',
    sha256: tokens.map(({ sha256 }) => sha256),
    nodes: ground.tvs,
  },
  until: [trusted(ground, tokens)],
  undo: { by: 'removing-uploads' },
})

export const trusted = (ground: PlanGround, tokens: readonly KnownToken[]): Condition => ({
  is: 'tvs-trusts',
  sha256: tokens.map(({ sha256 }) => sha256),
  role: SAST_ROLE,
  nodes: ground.tvs,
})

/** Nothing before it changes what a phone holds. */
export const hardStop = (more: readonly Condition[] = []): Draft => ({
  id: 'hard-stop',
  actor: 'person',
  title: 'Look at the findings, then say go',
  instructions: [
    'Nothing has changed for phones so far. From here on it does.',
    'ctl-bridge migrate status shows the findings; acknowledge each warning by its code.',
    'ctl-bridge migrate acknowledge GO goes on.',
  ],
  does: { do: 'hard-stop' },
  needs: more,
  until: [{ is: 'findings-answered' }, { is: 'said', statement: 'GO' }],
  undo: nothing,
})

export const probed = (ground: PlanGround): Condition => ({ is: 'probed', nodes: ground.tftp })

/** Composes and signs with a token that its custodian unlocks. */
export function composeAndSign(
  recipe: CtlRecipe,
  token: KnownToken,
  names: { readonly draft: ArtifactName; readonly signed: ArtifactName } = { draft: 'draft', signed: 'new' },
): Draft[] {
  return [
    {
      id: `compose-${names.signed}`,
      actor: 'daemon',
      title: 'Compose the file',
      does: { do: 'compose', artifact: names.draft, recipe },
      until: [],
      undo: nothing,
    },
    {
      id: `sign-${names.signed}`,
      actor: 'token',
      title: `Sign it with token ${token.serial}`,
      instructions: [
        `Plug in token ${token.serial} (${token.label}) and unlock it for one use: ctl-bridge migrate unlock, which asks for the PIN.`,
        'A file is signed and verified; nothing leaves this machine.',
      ],
      does: { do: 'sign', artifact: names.signed, from: names.draft, token: token.serial },
      needs: [{ is: 'token-unlocked', token: token.serial }],
      until: [],
      undo: nothing,
    },
  ]
}

/** Puts the file onto every TFTP node and has it served: a node serves it once Cisco Tftp was restarted. */
export function publish(ground: PlanGround, artifact: ArtifactName): Draft[] {
  const { automatic, guided, situation } = ground
  const written: Draft[] =
    automatic.length === 0
      ? []
      : [
          {
            id: `publish-${artifact}`,
            actor: 'daemon',
            title: `Write the file onto ${list(automatic)}`,
            does: { do: 'publish', artifact, nodes: automatic },
            until: situation.kind === 'cucm' ? [] : [{ is: 'serves', what: artifact, nodes: automatic }],
            undo: { by: 'restoring-files' },
          },
        ]
  const byHand = guided.map(
    (node): Draft => ({
      id: `upload-${artifact}-${node}`,
      actor: 'person',
      title: `Upload the file on ${node} and restart Cisco Tftp there`,
      instructions: [
        `ctl-bridge migrate file --out CTLFile.tlv writes the file to upload. Its name must be CTLFile.tlv.`,
        `On ${node}: OS Administration → Software Upgrades → TFTP File Management → Upload File.`,
        'Choose CTLFile.tlv and leave Directory empty, then Upload File. Do not delete the old file first: it is overwritten.',
        `Then restart Cisco Tftp on ${node}: utils service restart Cisco Tftp, or Cisco Unified Serviceability.`,
      ],
      does: { do: 'publish', artifact, nodes: [node] },
      until: [{ is: 'serves', what: artifact, nodes: [node] }],
      undo: { by: 'restoring-files' },
    }),
  )
  const restarts =
    situation.kind === 'cucm'
      ? restartTftp(ground, automatic, [{ is: 'serves', what: artifact, nodes: automatic }])
      : []
  return [...written, ...byHand, ...restarts]
}

/** Has what `utils ctl` built served, and keeps it under the name that the steps of the phones use. */
export const serveBuilt = (ground: PlanGround, holder: 'call-manager' | 'itl-recovery'): Draft[] => [
  ...restartTftp(ground, ground.tftp, [{ is: 'signed-by', holder, nodes: ground.tftp }]),
  {
    id: 'keep-new',
    actor: 'daemon',
    title: 'Keep the file that the cluster built',
    does: { do: 'keep-served', artifact: 'new', nodes: ground.tftp },
    until: [{ is: 'serves', what: 'new', nodes: ground.tftp }],
    undo: nothing,
  },
]

/** Node by node; after the last one all of `until` must be seen. */
export const restartTftp = (
  ground: PlanGround,
  nodes: readonly string[],
  until: readonly Condition[],
): Draft[] =>
  nodes.map((node, index) => restart(ground, 'Cisco Tftp', node, index === nodes.length - 1 ? until : []))

function restart(
  { situation }: PlanGround,
  service: CucmService,
  node: string,
  until: readonly Condition[],
  phones?: string,
): Draft {
  const isAutomatic =
    situation.reach.controlCenter ||
    (situation.reach.cli &&
      situation.nodes.find(({ name }) => name === node)?.runs.includes('publisher') === true)
  return {
    id: `restart-${service.toLowerCase().replaceAll(' ', '-').replace('cisco-', '')}-${node}`,
    actor: isAutomatic ? 'daemon' : 'person',
    title: `Restart ${service} on ${node}`,
    instructions: [
      `On ${node}: utils service restart ${service}, or Cisco Unified Serviceability → Tools → Control Center.`,
    ],
    does: { do: 'restart', service, node },
    until: [{ is: 'service-started', service, node }, ...until],
    undo: nothing,
    ...(phones !== undefined && { phones }),
  }
}

/** Security Guide: CallManager, then CTIManager, one node after the other. Phones of a node move to the next one. */
export const restartCallManagers = (ground: PlanGround): Draft[] =>
  ground.callManagers.flatMap((node) => [
    restart(
      ground,
      'Cisco CallManager',
      node,
      [],
      `phones of ${node} register elsewhere, or have no calls until it is back`,
    ),
    restart(ground, 'Cisco CTIManager', node, []),
  ])

/** Pilots first and alone, then all others. */
export function phonesTake(artifact: ArtifactName, restarts: readonly Draft[] = []): Draft[] {
  return [
    {
      id: `pilots-${artifact}`,
      actor: 'person',
      title: 'Reset one phone of each model and see that it takes the file',
      instructions: [
        'Reset one phone of each model, and no other. On its screen: Settings → Status → Status Messages, and Security Configuration → CTL file.',
        'ctl-bridge migrate phones enters what was read: device, checksum or status message. The checksum to look for stands in the status.',
      ],
      does: { do: 'reset-phones', which: 'pilots' },
      until: [{ is: 'pilots-accepted', what: artifact }],
      undo: nothing,
      phones: 'the pilots restart',
    },
    ...restarts,
    {
      id: `reset-${artifact}`,
      actor: 'person',
      title: 'Reset all phones',
      instructions: [
        'Cisco Unified CM Administration → System → Enterprise Parameters → Reset, or device pool by device pool.',
        'Enter what the phones hold, as far as you can see it; the others are reported as not observed.',
      ],
      does: { do: 'reset-phones', which: 'all' },
      until: [{ is: 'fleet-answered', what: artifact }],
      undo: nothing,
      phones: 'each phone restarts, some minutes without calls',
    },
  ]
}

/** Without the command line in the settings it is typed by a person. */
export function onCommandLine(
  { situation }: PlanGround,
  id: string,
  does: Action,
  command: string,
  until: readonly Condition[],
  rest: Pick<Draft, 'undo'> & Partial<Draft>,
): Draft {
  return {
    id,
    actor: situation.reach.cli ? 'daemon' : 'person',
    title: `Run ${command} on the publisher`,
    instructions: [`On the publisher’s command line: ${command}, and answer y.`],
    does,
    until,
    ...rest,
  }
}

export const setMode = (ground: PlanGround, mode: SecurityMode): Draft =>
  onCommandLine(
    ground,
    `mode-${mode}`,
    { do: 'set-mode', mode },
    `utils ctl set-cluster ${mode === 'mixed' ? 'mixed-mode' : 'non-secure-mode'}`,
    [{ is: 'mode', mode }],
    { undo: { by: 'mode', mode: 'before' } },
  )

export const list = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? 'no node') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
