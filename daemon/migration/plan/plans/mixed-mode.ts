/** Non-secure → mixed mode by the command line: tokenless (TAC 118893 §1), or with tokens from nothing. */
import type { KnownToken } from '../../situation/situation.js'
import { itlEntries, type PlanGround } from '../ground.js'
import type { CtlEdit, CtlRecipe, NoPlan, Plan } from '../plan.js'
import {
  composeAndSign,
  hardStop,
  keepFiles,
  numbered,
  phonesTake,
  probed,
  publish,
  restartCallManagers,
  serveBuilt,
  setMode,
  trusted,
  uploadTokens,
} from '../steps.js'
import { chosenTokens, isNoPlan, noCommandLine, tokenlessSigner, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'

export function mixedModeTokenless(ground: PlanGround): Plan | NoPlan {
  const signer = tokenlessSigner(ground)
  if (signer === undefined) return noCommandLine('mixed-mode-tokenless', ground)
  const steps = numbered([
    keepFiles(ground),
    hardStop(),
    setMode(ground, 'mixed'),
    ...serveBuilt(ground, signer),
    ...phonesTake('new', restartCallManagers(ground)),
  ])
  return {
    ...usual(ground, 'mixed-mode-tokenless', 'From non-secure to mixed mode without tokens', steps),
    interruptions: [
      'utils ctl builds the file; phones take it at their next start, because their ITL holds its signer.',
      'Each phone restarts once, and each CallManager.',
    ],
  }
}

const CCM_TFTP = 2
const CAPF = 4

/**
 * The mode first, by the command line, and then the token file onto every node before anything is restarted: else
 * phones install the tokenless file that the command builds.
 */
export function firstTokenCtl(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'first-token-ctl'
  if (tokenlessSigner(ground) === undefined) return noCommandLine(id, ground)
  const { rules } = ground
  if (rules !== undefined && 'impossible' in rules.token) {
    return { id, impossible: rules.token.impossible, instead: 'Use mixed mode without tokens.' }
  }
  const tokens = chosenTokens(id, ground, wishes)
  if (isNoPlan(tokens)) return tokens
  const servers = serverEdits(ground)
  const unseen = ground.callManagers.filter(
    (node) => !servers.some((edit) => edit.edit === 'add' && edit.node === node),
  )
  if (unseen.length > 0) {
    return {
      id,
      impossible: `The CallManager certificate of ${unseen.join(', ')} is not known: it stands in no ITL that was read.`,
      instead: 'Run mixed mode tokenless first, then from tokenless to tokens; its file lists every server.',
    }
  }
  const { all, signer } = tokens
  const steps = numbered([
    keepFiles(ground),
    uploadTokens(ground, all),
    hardStop([probed(ground), trusted(ground, all)]),
    ...composeAndSign(recipeFromNothing(ground, all, signer, servers), signer),
    setMode(ground, 'mixed'),
    ...publish(ground, 'new'),
    ...phonesTake('new', restartCallManagers(ground)),
  ])
  return {
    ...usual(ground, id, 'From non-secure to mixed mode with tokens', steps),
    tokens: all.map(({ serial }) => serial),
    assumptions: [
      'Whether phones that hold an ITL and no CTL take a first CTL of a token on trust, or through TVS, is stated nowhere: the certificates are uploaded first, and the pilots show it.',
      'Between the change of mode and the last upload nothing may be restarted or reset, or phones install the tokenless file of utils ctl.',
    ],
    interruptions: ['Each phone restarts once, and each CallManager.'],
  }
}

type ServerEdit = Extract<CtlEdit, { edit: 'add' }> & { readonly node: string }

/** CUCM's file lists each CallManager as CCM+TFTP, and CAPF. */
function serverEdits(ground: PlanGround): ServerEdit[] {
  const entries = itlEntries(ground)
  const servers = ground.callManagers.flatMap((node) => {
    const own = entries.find((entry) => entry.node === node && entry.role === CCM_TFTP)
    const address = ground.situation.nodes.find(({ name }) => name === node)?.address
    return own === undefined || address === undefined
      ? []
      : [
          {
            edit: 'add' as const,
            function: CCM_TFTP,
            certificate: own.sha256,
            address,
            dnsName: address,
            node,
          },
        ]
  })
  const capf = entries.find(({ role }) => role === CAPF)
  const node = ground.publisher ?? ''
  const address = ground.situation.nodes.find(({ name }) => name === node)?.address
  return capf === undefined || address === undefined
    ? servers
    : [
        ...servers,
        { edit: 'add', function: CAPF, certificate: capf.sha256, address, dnsName: address, node: 'CAPF' },
      ]
}

function recipeFromNothing(
  ground: PlanGround,
  all: readonly KnownToken[],
  signer: KnownToken,
  servers: readonly ServerEdit[],
): CtlRecipe {
  const entries = itlEntries(ground)
  const rule = ground.rules?.token
  const beside = rule !== undefined && 'holders' in rule && rule.holders.includes('itl-recovery')
  const recovery = entries.find(({ isRecovery }) => isRecovery)?.sha256
  const callManager = servers.find(({ node }) => node === ground.publisher)?.certificate
  const more = beside ? [recovery, callManager].filter((sha) => sha !== undefined) : []
  return {
    base: 'none',
    mode: 'token',
    signer: signer.sha256,
    sast: [...all.map(({ sha256 }) => sha256), ...more],
    edits: servers.map(({ node: _, ...edit }) => edit),
  }
}
