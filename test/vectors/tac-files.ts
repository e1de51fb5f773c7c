import { readFileSync } from 'node:fs'

/** The zone of the transcripts in TAC 118893. */
export const tacZone = 'Europe/Warsaw'

/** States whose files TAC 118893 prints, beside the node that has none. */
export const tacStates = ['token-signed', 'tokenless', 'reverted', 'regenerated', 'non-secure'] as const
export type TacState = (typeof tacStates)[number]

const vector = (name: string): Buffer =>
  readFileSync(new URL(`../../../test/vectors/${name}`, import.meta.url))

export const tacFile = (state: TacState): Uint8Array => Uint8Array.from(vector(`tac-118893-${state}.tlv`))

/** What `show` prints for it, read through by eye. */
export const tacFileShown = (state: TacState): string =>
  vector(`tac-118893-${state}.show.txt`).toString('utf8')
