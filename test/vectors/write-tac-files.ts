/**
 * Builds the files of the states that TAC 118893 prints and writes them here with what `show` prints for them. Keys
 * are new on each run, so it is run by hand, once: `node dist/test/vectors/write-tac-files.js`. Read what changed.
 */
import { writeFileSync } from 'node:fs'
import { showCtlText } from '../../daemon/trust/show/show-ctl-text.js'
import * as tac from '../trust/tac-cluster.js'
import { nonSecure, regenerated, tokenless, withTokens } from '../trust/tac-files.js'
import { tacZone } from './tac-files.js'

const built = {
  tokenless: tokenless(),
  'token-signed': withTokens(tac.secondToken),
  // The other token was in the port at the end.
  reverted: withTokens(tac.firstToken, 0x55016ccc),
  regenerated: regenerated(),
  'non-secure': nonSecure(),
}

for (const [state, { signed }] of Object.entries(built)) {
  const name = new URL(`../../../test/vectors/tac-118893-${state}`, import.meta.url).pathname
  writeFileSync(`${name}.tlv`, signed)
  writeFileSync(`${name}.show.txt`, showCtlText(signed, { timeZone: tacZone }))
}
