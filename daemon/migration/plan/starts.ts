/** Where each plan begins: the mode and the kind of file. Plans refuse what is seen to be otherwise. */
import type { SecurityMode } from '../../cluster/ports.js'
import { type CurrentFile, type PlanGround, seen } from './ground.js'
import type { NoPlan, PlanId } from './plan.js'

export type FileKind = CurrentFile['kind'] | 'none'

export interface Start {
  readonly mode?: SecurityMode
  readonly file?: readonly FileKind[]
  /** What to do where the start is another. */
  readonly instead: string
}

const any = { instead: '' }

export const starts: Readonly<Record<PlanId, Start>> = {
  'mixed-mode-tokenless': {
    mode: 'non-secure',
    instead:
      'In mixed mode already: tokens-to-tokenless leads away from tokens; a tokenless file needs no plan to stay one.',
  },
  'tokens-to-tokenless': {
    mode: 'mixed',
    file: ['token'],
    instead:
      'In non-secure mode: mixed-mode-tokenless. Where the file is tokenless already nothing is to do.',
  },
  'tokenless-to-tokens': {
    mode: 'mixed',
    file: ['tokenless'],
    instead: 'In non-secure mode: first-token-ctl. Where tokens sign already: update-token-ctl.',
  },
  'first-token-ctl': {
    mode: 'non-secure',
    instead: 'In mixed mode: tokenless-to-tokens, or update-token-ctl where tokens sign already.',
  },
  'update-token-ctl': {
    file: ['token'],
    instead: 'tokenless-to-tokens in mixed mode, first-token-ctl in non-secure mode.',
  },
  'regenerate-tokenless': {
    mode: 'mixed',
    file: ['tokenless'],
    instead:
      'Where tokens sign: regenerate the certificate, restart Cisco Tftp there, then update-token-ctl puts it in place of the old one. In non-secure mode no CTL names it.',
  },
  'before-downgrade': {
    mode: 'mixed',
    file: ['token', 'tokenless'],
    instead: 'In non-secure mode phones need nothing of the other partition’s CTL.',
  },
  'non-secure': {
    mode: 'mixed',
    file: ['token', 'tokenless'],
    instead: 'The cluster is there already. A file that is left over goes with stale-file.',
  },
  'stale-file': {
    mode: 'non-secure',
    file: ['token', 'tokenless'],
    instead: 'In mixed mode the file is in use. Where no node serves one nothing is to do.',
  },
  'asterisk-first': { file: ['none'], instead: 'Update it, or change its signer.' },
  'asterisk-update': { file: ['token', 'tokenless'], instead: 'Make the first one: asterisk-first.' },
  'asterisk-signer': { file: ['token', 'tokenless'], instead: 'Make the first one: asterisk-first.' },
  rollback: any,
}

const fileTexts: Readonly<Record<FileKind, string>> = {
  none: 'no CTL',
  token: 'a CTL of tokens',
  tokenless: 'a tokenless CTL',
}

/** What is wrong with where the cluster is, a sentence each; what was not seen is not wrong. */
export function startMismatches(id: PlanId, ground: PlanGround): { mode?: string; file?: string } {
  const { mode, file } = starts[id]
  const { situation } = ground
  const isMode = seen(situation.mode)
  const kind = fileKindOf(ground)
  return {
    ...(mode !== undefined &&
      isMode !== undefined &&
      isMode !== mode && { mode: `The cluster is in ${isMode} mode, and the plan begins in ${mode} mode.` }),
    ...(file !== undefined &&
      kind !== undefined &&
      !file.includes(kind) && {
        file: `The nodes serve ${fileTexts[kind]}, and the plan begins with ${file.map((one) => fileTexts[one]).join(' or ')}.`,
      }),
  }
}

/** Undefined: no node said, or what it serves is no CTL. */
function fileKindOf({ file, situation }: PlanGround): FileKind | undefined {
  if (file !== undefined) return file.kind
  return situation.nodes.some(({ ctl }) => seen(ctl) === 'none') ? 'none' : undefined
}

export function notHere(id: PlanId, ground: PlanGround): NoPlan | undefined {
  const { mode, file } = startMismatches(id, ground)
  const why = [mode, file].filter((one) => one !== undefined)
  if (why.length === 0) return undefined
  return { id, impossible: why.join(' '), instead: starts[id].instead }
}
