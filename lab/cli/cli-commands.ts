/** The commands, as rows: the words that one begins with, and what it does. Exact texts: TAC 118893 and TAC 118892. */
import type { LabCluster } from '../model/lab-cluster.js'
import { runSql, sqlText } from '../model/sql.js'
import { deleteStaleCtl, deleteTftp, listTftp } from './file-commands.js'
import { pushTftpFile } from './push-command.js'
import { listServices, restartService } from './service-commands.js'
import type { Conversation } from './shell.js'
import { showTrustList } from './show-trust-list.js'
import { utilsCtl } from './utils-ctl.js'

export interface CliCommand {
  /** Words before its own arguments. */
  readonly words: string
  /** Its arguments, for help. */
  readonly usage: string
  /** Whether a release knows it at all. */
  readonly isKnown?: (lab: LabCluster) => boolean
  /** Resolves with what is shown page by page. */
  readonly run: (conversation: Conversation, rest: string) => Promise<string | undefined>
}

const hasUtilsCtl = ({ release }: LabCluster): boolean => release !== '9.1'

export const cliCommands: readonly CliCommand[] = [
  { words: 'show ctl', usage: '', run: async ({ node }) => showTrustList(node, 'CTL') },
  { words: 'show itl', usage: '', run: async ({ node }) => showTrustList(node, 'ITL') },
  { words: 'show version active', usage: '', run: async ({ lab }) => activeVersion(lab) },
  {
    words: 'utils ctl set-cluster mixed-mode',
    usage: '',
    isKnown: hasUtilsCtl,
    run: (conversation) => utilsCtl(conversation, 'mixed-mode'),
  },
  {
    words: 'utils ctl set-cluster non-secure-mode',
    usage: '',
    isKnown: hasUtilsCtl,
    run: (conversation) => utilsCtl(conversation, 'non-secure-mode'),
  },
  {
    words: 'utils ctl update CTLFile',
    usage: '',
    isKnown: hasUtilsCtl,
    run: (conversation) => utilsCtl(conversation, 'update CTLFile'),
  },
  {
    words: 'utils ctl reset localkey',
    usage: '',
    isKnown: hasUtilsCtl,
    run: (conversation) => utilsCtl(conversation, 'reset localkey'),
  },
  { words: 'utils service list', usage: '', run: async ({ node }) => listServices(node) },
  { words: 'utils service restart', usage: 'SERVICE', run: restartService },
  { words: 'file list tftp', usage: 'PATTERN [detail]', run: async ({ node }, rest) => listTftp(node, rest) },
  { words: 'file delete tftp', usage: 'PATTERN', run: deleteTftp },
  { words: 'file delete activelog', usage: 'cm/tftpdata/CTLFile.tlv', run: deleteStaleCtl },
  { words: 'file get tftp', usage: 'PATTERN', run: pushTftpFile },
  { words: 'run sql', usage: 'SELECT-STATEMENT', run: async ({ lab }, rest) => sqlText(runSql(lab, rest)) },
  { words: 'help', usage: '', run: async ({ lab }) => helpText(lab) },
]

export interface ChosenCommand extends CliCommand {
  /** What follows the words. */
  readonly rest: string
}

/** Words are parted by any blanks. Undefined for a line that begins with no command of this release. */
export function commandFor(line: string, lab: LabCluster): ChosenCommand | undefined {
  const plain = line.trim().replace(/\s+/g, ' ')
  for (const command of cliCommands) {
    const { words, usage, isKnown } = command
    if (isKnown?.(lab) === false) continue
    if (plain === words) return { ...command, rest: '' }
    // A command without arguments takes none: nothing is done for a line that says more.
    if (usage !== '' && plain.startsWith(`${words} `))
      return { ...command, rest: plain.slice(words.length + 1) }
  }
  return undefined
}

function activeVersion({ version }: LabCluster): string {
  return `Active Master Version: ${version}\nActive Version Installed Software Options: \nNo Installed Software Options Found.`
}

function helpText(lab: LabCluster): string {
  const known = cliCommands.filter(({ isKnown }) => isKnown?.(lab) !== false)
  const lines = known.map(({ words, usage }) => `    ${usage === '' ? words : `${words} ${usage}`}`)
  return ['The lab knows these commands:', ...lines, '    quit'].join('\n')
}
