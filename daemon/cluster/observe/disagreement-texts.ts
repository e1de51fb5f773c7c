import type { Disagreement, DisagreementCode } from './observation.js'

const remedies: Readonly<Record<DisagreementCode, string>> = {
  FILE_INVALID:
    'No phone can use this file. Publish one that verifies; what was there before is kept: ctl-bridge clusters files NAME.',
  CTL_DIFFERS:
    'Restart Cisco Tftp on the nodes with the old file, or publish to them: ctl-bridge clusters publish NAME FILE --node NODE.',
  WAYS_DIFFER: 'Phones use either way. Restart Cisco Tftp on the node, then observe again.',
  SHOW_CTL_DIFFERS:
    'Cisco Tftp serves what it read when it started. Restart it on the publisher, then observe again.',
  MODE_AND_FILE:
    'Mode and file are changed apart: utils ctl set-cluster changes the mode, a file alone does not. Delete a stale CTL or publish the right one.',
  TVS_DIFFERS:
    'Trust uploads reach the other nodes within 30 minutes, or when TVS restarts there; TVS reads a new CTL minutes later. Wait, then observe again.',
  SIGNER_NOT_VOUCHED:
    'Phones that hold a CTL of another signer may refuse this one, unless TVS finds it by the serial in its CTL. Upload the certificate as Phone-SAST-trust, and restart TVS on each of these nodes.',
  RELEASE_DIFFERS: 'Correct `release` in the cluster’s settings; what may stand in a CTL depends on it.',
  NODE_NOT_CONFIGURED:
    'It was not asked, and may serve another file. Add it to the cluster’s settings: docs/clusters.md.',
  NODE_NOT_IN_CLUSTER: 'Check its name in the cluster’s settings; it must be the one that the cluster uses.',
}

export function disagreement(code: DisagreementCode, nodes: readonly string[], detail: string): Disagreement {
  return { code, nodes, detail, remedy: remedies[code] }
}

/** `a`, `a and b`, `a, b and c`. */
export function sentenceList(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? 'no node'
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** A certificate in a sentence. */
export function named(subject: string, tokens: readonly string[]): string {
  return tokens.length === 0 ? `“${subject}”` : `token ${tokens.join(', ')} (“${subject}”)`
}
