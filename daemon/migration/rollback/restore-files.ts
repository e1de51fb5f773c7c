/** The steps that give each node back what it served before: its own bytes, or no file. */
import type { PlanGround } from '../plan/ground.js'
import { andList } from '../plan/list.js'
import { restartTftp } from '../plan/restarts.js'
import type { Draft } from '../plan/steps.js'

export function restoreFiles(
  ground: PlanGround,
  filesBefore: ReadonlyMap<string, Uint8Array | undefined>,
): Draft[] {
  const nodes = ground.tftp.filter((node) => filesBefore.has(node))
  const empty = nodes.filter((node) => filesBefore.get(node) === undefined)
  const full = nodes.filter((node) => !empty.includes(node))
  const automatic = full.filter((node) => ground.automatic.includes(node))
  const guided = full.filter((node) => !automatic.includes(node))
  return [
    ...writtenBack(ground, automatic),
    ...guided.map((node) => uploadedBack(ground, node)),
    ...empty.map((node) => deleted(ground, node)),
  ]
}

function writtenBack(ground: PlanGround, nodes: readonly string[]): Draft[] {
  if (nodes.length === 0) return []
  const isCucm = ground.situation.kind === 'cucm'
  return [
    {
      id: 'restore-files',
      actor: 'daemon',
      title: `Write the files from before onto ${andList(nodes)}`,
      does: { do: 'restore-files', nodes },
      until: isCucm ? [] : [{ is: 'serves-kept', nodes }],
      undo: { by: 'restoring-files' },
    },
    ...(isCucm ? restartTftp(ground, nodes, (node) => [{ is: 'serves-kept', nodes: [node] }]) : []),
  ]
}

function uploadedBack({ situation }: PlanGround, node: string): Draft {
  const isCucm = situation.kind === 'cucm'
  return {
    id: `restore-${node}`,
    actor: 'person',
    title: isCucm
      ? `Put the file from before onto ${node} and restart Cisco Tftp there`
      : `Put the file from before into the TFTP root of ${node}`,
    instructions: [
      `ctl-bridge migrate file --before --node ${node} --out CTLFile.tlv writes it. Its name must be CTLFile.tlv.`,
      ...(isCucm
        ? [
            `On ${node}: OS Administration → Software Upgrades → TFTP File Management → Upload File, Directory empty. Do not delete the file that is there first: it is overwritten.`,
            `Then restart Cisco Tftp on ${node}: utils service restart Cisco Tftp.`,
          ]
        : [`Copy it over the CTLFile.tlv of ${node}.`]),
    ],
    does: { do: 'restore-files', nodes: [node] },
    until: [{ is: 'serves-kept', nodes: [node] }],
    undo: { by: 'restoring-files' },
  }
}

/** By a person: a file that a node had not is the one thing that is deleted, and no publisher deletes. */
function deleted({ situation }: PlanGround, node: string): Draft {
  const isCucm = situation.kind === 'cucm'
  return {
    id: `delete-ctl-${node}`,
    actor: 'person',
    title: isCucm
      ? `Delete the CTL on ${node}, which had none before, and restart Cisco Tftp there`
      : `Delete the CTL on ${node}, which had none before`,
    instructions: isCucm
      ? [
          `On the command line of ${node}: file delete tftp CTLFile.tlv, and answer y. The store keeps its bytes.`,
          `Then restart Cisco Tftp on ${node}: utils service restart Cisco Tftp.`,
        ]
      : [
          `On ${node}: delete CTLFile.tlv in the folder that its TFTP server serves. The store keeps its bytes.`,
        ],
    does: { do: 'restore-files', nodes: [node] },
    until: [{ is: 'serves-kept', nodes: [node] }],
    undo: { by: 'restoring-files' },
  }
}
