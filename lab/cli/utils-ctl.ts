/** `utils ctl`: a question, what is being done, what was done. The texts are TAC 118893's and TAC 118892's. */
import type { LabCluster } from '../model/lab-cluster.js'
import type { Conversation } from './shell.js'

const RESTART =
  'Please Restart the TFTP and Cisco CallManager services on all nodes in the cluster that run these services'

interface CtlCommand {
  readonly question: string
  readonly beginning: string
  readonly done: string
  readonly act: (lab: LabCluster) => Promise<void>
}

const commands = {
  'mixed-mode': {
    question: 'This operation sets the cluster to Mixed mode. Do you want to continue? (y/n):',
    beginning: 'Moving Cluster to Mixed Mode',
    done: 'Cluster set to Mixed Mode',
    act: (lab) => lab.setClusterMode(1),
  },
  'non-secure-mode': {
    question: 'This operation will set the cluster to non secure mode. Do you want to continue? (y/n):',
    beginning: 'Moving Cluster to Non Secure Mode',
    done: 'Cluster set to Non Secure Mode',
    act: (lab) => lab.setClusterMode(0),
  },
  'update CTLFile': {
    question: 'This operation updates the CTLFile. Do you want to continue? (y/n):',
    beginning: 'Updating CTL file',
    done: 'CTL file Updated',
    act: (lab) => lab.updateCtlFile(),
  },
  // The lab's own words: no transcript of this command was found.
  'reset localkey': {
    question: 'This operation signs the CTLFile with the secondary SAST key. Do you want to continue? (y/n):',
    beginning: 'Updating CTL file',
    done: 'CTL file Updated',
    act: (lab) => lab.resetLocalKey(),
  },
} as const satisfies Record<string, CtlCommand>

export async function utilsCtl(
  { lab, node, ask, say }: Conversation,
  name: keyof typeof commands,
): Promise<undefined> {
  // The Security Guide wants these on the publisher; the words are the lab's own.
  if (node.role !== 'publisher') {
    throw new Error('This command runs on the publisher only.')
  }
  const refusal = lab.utilsCtlRefusal()
  if (refusal !== undefined) {
    say(`${refusal}\n`)
    return
  }
  const { question, beginning, done, act } = commands[name]
  const answer = await ask(question)
  if (answer.trim().toLowerCase() !== 'y') return
  say(`\n${beginning}\n`)
  await act(lab)
  say(`${done}\n${RESTART}\n`)
}
