/**
 * Non-secure → mixed mode with tokens. The mode first, by the command line, and then the token file onto every node
 * before anything is restarted: else phones install the tokenless file that the command builds.
 */
import type { KnownToken } from '../../situation/situation.js'
import { builtNotServed, setModeBeforeFile } from '../command-steps.js'
import { type PlanGround, sha256 } from '../ground.js'
import { andList } from '../list.js'
import type { CtlRecipe, NoPlan, Plan } from '../plan.js'
import { restartServices } from '../restarts.js'
import { serverEdits } from '../server-edits.js'
import {
  composeAndSign,
  hardStop,
  keepFiles,
  numbered,
  phonesTake,
  probed,
  publish,
  trusted,
  tvsReadsFile,
  uploadTokens,
} from '../steps.js'
import { chosenTokens, isNoPlan, noCommandLine, serverSast, tokenlessSigner, usual } from '../usual.js'
import type { PlanWishes } from '../wishes.js'

export function firstTokenCtl(ground: PlanGround, wishes: PlanWishes): Plan | NoPlan {
  const id = 'first-token-ctl'
  if (tokenlessSigner(ground) === undefined) return noCommandLine(id, ground)
  const tokens = chosenTokens(id, ground, wishes)
  if (isNoPlan(tokens)) return tokens
  const servers = serverEdits(ground, wishes.edits)
  if (servers.missing.length > 0) {
    return {
      id,
      impossible: `Not known of ${andList(servers.missing)}: the CallManager certificate, or an IP address. No ITL that was read has it.`,
      instead:
        'Give the certificate of each with its address (--add), or run mixed-mode-tokenless and then tokenless-to-tokens: that file lists every server.',
    }
  }
  const { all, signer } = tokens
  const recipe: CtlRecipe = {
    base: 'none',
    mode: 'token',
    signer: signer.sha256,
    sast: [...all.map((token) => token.sha256), ...serverSast(ground)],
    edits: servers.edits,
  }
  const steps = stepsOf(ground, all, signer, recipe)
  return usual(ground, id, 'From non-secure to mixed mode with tokens', steps, {
    tokens: all,
    assumptions: assumptionsOf(ground, recipe),
    interruptions: [
      'From the change of mode to the last restart of Cisco Tftp, nothing else may be restarted or reset: a phone that starts after a restart of Cisco Tftp in between installs the tokenless file of utils ctl.',
    ],
  })
}

const stepsOf = (
  ground: PlanGround,
  all: readonly KnownToken[],
  signer: KnownToken,
  recipe: CtlRecipe,
): Plan['steps'] =>
  numbered([
    keepFiles(ground),
    uploadTokens(ground, all),
    hardStop([...probed(ground), trusted(ground, all)]),
    ...composeAndSign(recipe, signer),
    setModeBeforeFile(ground, 'mixed'),
    builtNotServed(ground),
    ...publish(ground, 'new'),
    ...tvsReadsFile(ground, all),
    ...phonesTake(
      'new',
      restartServices(ground, {
        isTvsRestarted: true,
        afterTvs: (node) => [trusted(ground, all, [node])],
      }),
    ),
  ])

function assumptionsOf(ground: PlanGround, { edits }: CtlRecipe): string[] {
  const hasCapf = edits.some((edit) => edit.edit === 'add' && edit.function === 4)
  const fromItl = edits.some((edit) => edit.edit === 'add' && isInItl(ground, edit.certificate))
  return [
    ...(ground.file === undefined
      ? [
          'Whether phones that hold an ITL and no CTL take a first CTL of a token on trust, or through TVS, is stated nowhere: the certificates are uploaded first, and the pilots show it.',
        ]
      : []),
    ...(fromItl
      ? [
          'Servers and CAPF are taken from the ITL of each node; that the CTL lists the same ones is inferred.',
        ]
      : []),
    ...(hasCapf ? [] : ['No ITL lists CAPF, so the file has no record of it.']),
    'Between utils ctl set-cluster and the upload the disk of each node holds a tokenless file, which no node serves before Cisco Tftp restarts.',
  ]
}

const isInItl = ({ situation }: PlanGround, sum: string): boolean =>
  situation.nodes.some(({ itl }) => itl !== undefined && 'seen' in itl) &&
  !situation.tokens.some((token) => sha256(token.certificate) === sum)
