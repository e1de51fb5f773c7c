/** What nodes of a cluster refuse, and what is missing to ask them. */
import type { BridgeErrorCode } from '../bridge-error.js'
import { file, machine, node, type ProblemEntry, request } from './problem-entry.js'

export type ClusterErrorCode = Extract<
  BridgeErrorCode,
  `NODE_${string}` | `CLUSTER_${string}` | `PUBLISH_${string}` | `SECRET_${string}`
>

export const clusterProblems: Record<ClusterErrorCode, ProblemEntry> = {
  CLUSTER_NOT_CONFIGURED: request(
    409,
    'The settings of this cluster do not allow that',
    'Add what the detail names to the cluster’s settings: docs/clusters.md.',
  ),
  CLUSTER_UNKNOWN: request(
    404,
    'No such cluster',
    'List them: ctl-bridge clusters. docs/clusters.md tells how to add one.',
  ),
  CLUSTER_BUSY: request(
    409,
    'Something else is being changed on this cluster',
    'Wait until it ends, then try again.',
  ),
  NODE_ANSWER_WRONG: node(
    502,
    'A node gave no proper answer',
    'See the detail. Check address and port: TFTP is on 69, HTTP on 6970, AXL and Control Center on 8443, TVS on 2445. Then try again.',
  ),
  NODE_HAS_NO_FILE: {
    status: 404,
    exit: 'file',
    title: 'The node has no such file',
    remedy: 'Check the name, its case too: CTLFile.tlv. A cluster that never was in mixed mode has no CTL.',
  },
  NODE_REFUSES: node(
    502,
    'A node refuses to answer',
    'See the detail. For a file, its permissions or the node’s list of clients stand in the way. A node that throttles takes questions again after a minute.',
  ),
  NODE_TIMEOUT: node(
    504,
    'A node did not answer in time',
    'Check that the node is up and the service that was asked runs, and that no firewall stands between. TFTP needs UDP 69 and the ports above 1023 that it answers from; HTTP on 6970 needs one port only.',
  ),
  NODE_UNREACHABLE: node(502, 'A node cannot be reached', 'Check name, address, port and network.'),
  NODE_CERTIFICATE_UNKNOWN: node(
    502,
    'The certificate of a node is not trusted',
    'Compare the fingerprint in the detail with the certificate on the node itself. If it is right, put it into the cluster’s settings; if it changed and nobody renewed it, somebody stands between.',
  ),
  NODE_COMMAND_REFUSED: node(
    502,
    'The cluster refuses the command',
    'Do what its own answer, in the detail, asks for. Nothing was changed.',
  ),
  NODE_HOST_KEY_UNKNOWN: node(
    502,
    'The SSH key of a node is not trusted',
    'Compare the fingerprint in the detail with that of the node. If it is right, put it into the cluster’s settings as host_key; if it changed and nobody installed the node anew, somebody stands between.',
  ),
  NODE_LOGIN_REFUSED: node(
    502,
    'A node refuses user or password',
    'Check the user and the file with the password in the cluster’s settings. It was tried once; CUCM locks accounts after several failures.',
  ),
  NODE_OUTCOME_UNKNOWN: node(
    502,
    'Whether the node did it is not known',
    'It was asked once and is not asked again. Look at the cluster, ctl-bridge clusters observe NAME, before you repeat it.',
  ),
  PUBLISH_ENTRY_UNKNOWN: request(
    404,
    'Nothing was kept under this number',
    'List what was published: ctl-bridge clusters files NAME.',
  ),
  PUBLISH_FAILED: node(
    502,
    'The file could not be put onto a node',
    'The node serves what it served before. See the detail; then publish again.',
  ),
  PUBLISH_FILE_REFUSED: file(
    'This file is not published under this name',
    'See the detail. A CTL goes under CTLFile.tlv, an ITL under ITLFile.tlv.',
  ),
  PUBLISH_NOT_SERVED: node(
    502,
    'A node does not serve the file that was published',
    'Restart Cisco Tftp on that node and look again. The bytes that were there before are kept: ctl-bridge clusters files NAME.',
  ),
  PUBLISH_OVERTAKEN: node(
    409,
    'Somebody else changed the file meanwhile',
    'Nothing was written. Look at the node, ctl-bridge clusters observe NAME; if your file is still the right one, publish again.',
  ),
  PUBLISH_PROBE_OVER: request(
    409,
    'This probe is over',
    'Begin a new one and upload the file that it gives you: ctl-bridge clusters probe NAME --node NODE.',
  ),
  PUBLISH_WRONG_FILE: node(
    409,
    'A node serves another file than the one to upload',
    'Phones fetch it: put the right one back at once, as the detail says, upload it, restart Cisco Tftp, and ask again. If the CTL was changed on purpose meanwhile, begin a new probe instead: ctl-bridge clusters probe NAME --node NODE --changed.',
  ),
  SECRET_UNREADABLE: machine(
    500,
    'A password cannot be read',
    'Put it into the file that the cluster’s settings name: one line, readable by the daemon’s user alone.',
  ),
}
