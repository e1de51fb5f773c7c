/** The steps that plans are built of. Ids are numbered when a plan is whole (`numbered`). */
import type { KnownToken } from '../situation/situation.js'
import type { PlanGround } from './ground.js'
import { andList } from './list.js'
import { nodesToProbe } from './nodes-to-probe.js'
import type { ArtifactName, Condition, CtlRecipe, Step } from './plan.js'
import { restartTftp, restartTvs } from './restarts.js'

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
  title: `Keep CTL and ITL of ${andList(ground.tftp)} in the store`,
  does: { do: 'keep-files' },
  until: [],
  undo: nothing,
})

/** TAC 118893: both tokens, before the file. Whether the upload or TVS's cache saves the phones is not known: both are seen to. */
/** A token may hold others beside the one that signs. */
export const exportCommand = ({ serial, sha256 }: Pick<KnownToken, 'serial' | 'sha256'>): string =>
  `ctl-bridge token export ${serial} --certificate ${sha256} --out ${serial}.pem`

export const uploadTokens = (ground: PlanGround, tokens: readonly KnownToken[]): Draft => ({
  id: 'upload-tokens',
  actor: 'person',
  title: `Upload the certificates of ${tokens.length === 1 ? 'the token' : 'the tokens'} as Phone-SAST-trust`,
  instructions: [
    ...tokens.map((token) => `${exportCommand(token)} writes a certificate to upload.`),
    `On ${ground.publisher ?? 'the publisher'}: OS Administration → Security → Certificate Management → Upload Certificate/Certificate Chain.`,
    'Certificate Purpose: Phone-SAST-trust. Choose the file, then Upload. Once for each certificate.',
    'The other nodes take it by replication, which may need 30 minutes; restarting Cisco Trust Verification Service there makes it sooner.',
    'If the page refuses a certificate (an expired one, for example), this plan cannot be carried out with that token, and nothing has changed for phones: ctl-bridge migrate stop, then abandon, and plan with another.',
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

export const trusted = (
  ground: PlanGround,
  holders: readonly Pick<KnownToken, 'sha256'>[],
  nodes: readonly string[] = ground.tvs,
): Condition => ({
  is: 'tvs-trusts',
  sha256: holders.map(({ sha256 }) => sha256),
  role: SAST_ROLE,
  nodes,
})

/**
 * Phones ask for a token by the serial of the CTL, which TVS may find in that file alone; the upload answers what is
 * asked here before. TVS reads a new CTL minutes after it was written (TAC 118893), and at its start.
 */
export const tvsReadsFile = (ground: PlanGround, tokens: readonly KnownToken[]): Draft[] => [
  ...restartTvs(ground, (node) => [trusted(ground, tokens, [node])]),
  {
    id: 'tvs-after',
    actor: 'daemon',
    title: 'Wait until every TVS vouches for the tokens with the new file in place',
    instructions: [
      'Where one does not: look at its upload (Phone-SAST-trust), and restart Cisco Trust Verification Service there once more. Reset no phone before.',
    ],
    does: { do: 'wait' },
    until: [trusted(ground, tokens)],
    undo: nothing,
  },
]

/**
 * Its certificate came into being after the plan was made, so TVS could not be asked before. Where phones asked a TVS that
 * does not know it yet, they would keep that answer for a day.
 */
export const tvsKnowsSigner = (ground: PlanGround, artifact: ArtifactName): Draft => ({
  id: 'tvs-knows-signer',
  actor: 'daemon',
  title: 'Wait until every TVS vouches for the new signer',
  instructions: [
    'A TVS takes the new certificate by replication, or reads it in the new file minutes after that came; restarting Cisco Trust Verification Service there makes it sooner.',
    'Where one stays behind: upload the new certificate there as Phone-SAST-trust. Reset no phone before.',
  ],
  does: { do: 'wait' },
  until: [{ is: 'tvs-trusts-signer', of: artifact, nodes: ground.tvs }],
  undo: nothing,
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

/** Empty where no node serves a file: there is nothing that could be published over itself. */
export function probed(ground: PlanGround): Condition[] {
  const nodes = nodesToProbe(ground)
  return nodes.length === 0 ? [] : [{ is: 'probed', nodes }]
}

/** Composes and signs with a token that its custodian unlocks. */
export function composeAndSign(
  recipe: CtlRecipe,
  token: KnownToken,
  names: { readonly draft: ArtifactName; readonly signed: ArtifactName } = { draft: 'draft', signed: 'new' },
): Draft[] {
  const what = names.signed === 'bridge' ? 'the bridge file' : 'the new file'
  return [
    {
      id: `compose-${names.signed}`,
      actor: 'daemon',
      title: `Compose ${what}`,
      does: { do: 'compose', artifact: names.draft, recipe },
      until: [],
      undo: nothing,
    },
    {
      id: `sign-${names.signed}`,
      actor: 'token',
      title: `Sign ${what} with token ${token.serial}`,
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

/**
 * Puts the file onto every TFTP node and then has it served: a node serves it once Cisco Tftp was restarted. No node is
 * restarted before the file lies on all of them, so that they differ for as short as can be.
 */
export function publish(ground: PlanGround, artifact: ArtifactName): Draft[] {
  const { automatic, guided, situation } = ground
  const serves = (nodes: readonly string[]): Condition => ({ is: 'serves', what: artifact, nodes })
  const isCucm = situation.kind === 'cucm'
  const written: Draft = {
    id: `publish-${artifact}`,
    actor: 'daemon',
    title: `Write the file onto ${andList(automatic)}`,
    does: { do: 'publish', artifact, nodes: automatic },
    until: isCucm ? [] : [serves(automatic)],
    undo: { by: 'restoring-files' },
  }
  return [
    ...(automatic.length > 0 ? [written] : []),
    ...(guided.length > 0 ? [upload(ground, artifact)] : []),
    ...(isCucm ? restartTftp(ground, automatic, (node) => [serves([node])]) : []),
  ]
}

/** An upload shows only when it is served, so the restart belongs to it. */
function upload({ guided, situation }: PlanGround, artifact: ArtifactName): Draft {
  const nodes = andList(guided)
  const isCucm = situation.kind === 'cucm'
  const pages = [
    `On ${guided.length === 1 ? nodes : `each of ${nodes}`}: OS Administration → Software Upgrades → TFTP File Management → Upload File.`,
    'Choose CTLFile.tlv and leave Directory empty, then Upload File. Do not delete the old file first: it is overwritten.',
    ...(guided.length > 1 ? ['Restart nothing before the file is on all of them.'] : []),
    `Then restart Cisco Tftp on ${andList(guided)}${guided.length > 1 ? ', one after the other' : ''}: utils service restart Cisco Tftp on the command line of ${guided.length > 1 ? 'each' : 'that node'}, or Cisco Unified Serviceability.`,
  ]
  return {
    id: `upload-${artifact}`,
    actor: 'person',
    title: isCucm
      ? `Upload the file on ${nodes}, then restart Cisco Tftp there`
      : `Put the file into the TFTP root of ${nodes}`,
    instructions: [
      `ctl-bridge migrate file ${artifact} --out CTLFile.tlv writes the file. Its name must be CTLFile.tlv.`,
      ...(isCucm ? pages : [`Copy it over the CTLFile.tlv of ${nodes}.`]),
    ],
    does: { do: 'publish', artifact, nodes: guided },
    until: [{ is: 'serves', what: artifact, nodes: guided }],
    undo: { by: 'restoring-files' },
  }
}

/** Pilots first and alone, then all others. */
export function phonesTake(
  artifact: ArtifactName,
  restarts: readonly Draft[] = [],
  kind: PlanGround['situation']['kind'] = 'cucm',
): Draft[] {
  const isCucm = kind === 'cucm'
  return [
    {
      id: `pilots-${artifact}`,
      actor: 'person',
      title: 'Reset one phone of each model and see that it takes the file',
      instructions: [
        'Reset one phone of each model, those too that are to refuse, and no other. On its screen: Settings → Status → Status Messages, and Security Configuration → CTL file.',
        'ctl-bridge migrate phones enters what was read: device, checksum or status message. The checksum to look for stands in the status.',
        ...(isCucm
          ? [
              "Of a model without a phone that could be read (CTI ports): ctl-bridge migrate phones '*' unread --model MODEL.",
              'Look at the CTL, not at the registration: that may come back only when CallManager was restarted.',
            ]
          : []),
        ...(restarts.some(({ id }) => id === 'restarts-begin')
          ? ['The restarts of CallManager follow, once you say that they may begin.']
          : []),
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
        isCucm
          ? 'Cisco Unified CM Administration → System → Enterprise Parameters → Reset, or device pool by device pool.'
          : 'From Asterisk, or at the phones themselves.',
        'Enter what the phones hold, as far as you can see it; the others are reported as not observed.',
        `${isCucm ? 'When you have read what you can' : 'Nothing tells here how many phones there are'}: ctl-bridge migrate phones '*' accepted (with the quotes) is your word on all of which nothing was read, and ends the step. The report says that it is a word, and not seen.`,
      ],
      does: { do: 'reset-phones', which: 'all' },
      until: [{ is: 'fleet-answered', what: artifact }],
      undo: nothing,
      phones: 'each phone restarts, without calls until it is back',
    },
  ]
}
