/**
 * The commands of CUCM that this program types, one row each: domain facts of TAC 118893 and the command references.
 * Words that no source prints are marked as inferred; where they differ, the dialogue ends without an answer.
 */
import type { CliOutcome, CucmService, PushTarget, SecurityMode, ShownCtl } from '../ports.js'
import type { CliCommand, CliPrinted, CliQuestion } from './cli-command.js'
import { readDeletedCount, readFileList, readShownCtl, readSqlTable } from './read-printed.js'

const looking = { time: 'look', questions: [], changes: 'never', mayInterrupt: true } as const
const noUtilsCtl = 'utils ctl exists from CUCM 10.0 on; before, only the CTL Client sets the mode.'

/** Waits for the first prompt and types nothing. */
export const greeting: CliCommand<true> = {
  ...looking,
  text: '',
  time: 'greeting',
  mayInterrupt: false,
  read: () => true,
}

export const showCtl: CliCommand<ShownCtl> = { ...looking, text: 'show ctl', read: readShownCtl }

export const securityMode: CliCommand<SecurityMode> = {
  ...looking,
  text: "run sql select paramname,paramvalue from processconfig where paramname='ClusterSecurityMode'",
  read: (printed) => {
    const rows = readSqlTable(printed) ?? []
    const value = rows.find(({ paramname }) => paramname === 'ClusterSecurityMode')?.paramvalue
    return value === '0' ? 'non-secure' : value === '1' ? 'mixed' : undefined
  },
}

export const listTftpFiles = (pattern: string): CliCommand<readonly string[]> => ({
  ...looking,
  text: `file list tftp ${pattern}`,
  read: readFileList,
})

/** The one question of `utils ctl`; `operation` is how it begins. */
const confirmation = (operation: string): CliQuestion => ({
  name: 'the confirmation',
  pattern: new RegExp(`^${operation} ?Do you want to continue\\? \\(y/n\\): ?$`, 'i'),
  answer: 'y',
})

const said =
  (success: RegExp) =>
  ({ lines, text }: CliPrinted): CliOutcome | undefined =>
    success.test(text) ? { lines } : undefined

const changing = {
  time: 'change',
  changes: 'whenAnswered',
  mayInterrupt: true,
  whenUnknown: noUtilsCtl,
} as const

export const setSecurityMode: Readonly<Record<SecurityMode, CliCommand<CliOutcome>>> = {
  mixed: {
    ...changing,
    text: 'utils ctl set-cluster mixed-mode',
    // 12.5 says "will set", and tells here that autoregistration is on.
    questions: [
      confirmation(
        'This operation (?:sets|will set) the cluster to Mixed mode\\.(?: Auto-registration is enabled on at least one CM node\\.)?',
      ),
    ],
    read: said(/Cluster set to Mixed Mode/i),
  },
  'non-secure': {
    ...changing,
    text: 'utils ctl set-cluster non-secure-mode',
    questions: [confirmation('This operation (?:sets|will set) the cluster to non secure mode\\.')],
    read: said(/Cluster set to Non Secure Mode/i),
  },
}

const updated = /CTL file Updated/i

export const updateCtlFile: CliCommand<CliOutcome> = {
  ...changing,
  text: 'utils ctl update CTLFile',
  questions: [confirmation('This operation (?:updates|will update) the CTLFile\\.')],
  read: said(updated),
}

/**
 * What it prints is in no source. A question is answered if it is the one of its brothers; success is their word, or
 * the prompt without a word of failure, and that is said.
 */
export const resetLocalKey: CliCommand<CliOutcome> = {
  ...changing,
  text: 'utils ctl reset localkey',
  changes: 'atOnce',
  questions: [{ ...confirmation('This operation [^?:]*'), isOptional: true }],
  read: ({ lines, text }) => {
    if (looksFailed.test(text)) return undefined
    if (updated.test(text)) return { lines }
    return {
      lines,
      note: 'The node does not say whether it did it. Compare show ctl with what it was before.',
    }
  },
}

const looksFailed =
  /\b(?:cannot|can't|could not|unable|fail(?:s|ed|ure)?|error|unsuccessful(?:ly)?|invalid|not|no)\b/i

/** `path` as it is typed behind `file delete`; `shown` is how the question names the file. */
function deleteFile(path: string, shown: string): CliCommand<number> {
  const quoted = shown.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return {
    text: `file delete ${path}`,
    time: 'look',
    questions: [
      {
        name: 'the confirmation',
        pattern: new RegExp(
          `^Delete the File ${quoted}\\? Enter "y" followed by return to continue: ?$`,
          'i',
        ),
        answer: 'y',
      },
    ],
    changes: 'whenAnswered',
    mayInterrupt: true,
    read: readDeletedCount,
  }
}

export const deleteTftpFile = (file: string): CliCommand<number> => deleteFile(`tftp ${file}`, file)

export const deleteStaleCtl: CliCommand<number> = deleteFile(
  'activelog cm/tftpdata/CTLFile.tlv',
  'cm/tftpdata/CTLFile.tlv',
)

/** A label that is the whole line and ends in a colon, perhaps with a default in brackets before it. */
function labelled(name: string, words: string, answer: string): CliQuestion {
  const pattern = new RegExp(`^(?:(?:please )?enter (?:the )?)?(?:${words}) ?(?:\\[[^\\]]*\\] ?)?:$`, 'i')
  return { name, pattern, answer, isOneLine: true }
}

/**
 * Inferred from transcripts of `file get activelog`: how many files, whether to proceed, host, port, user, password,
 * folder. The question whether the host's key is right is answered by nobody: it is a person's.
 */
export const pushTftpFile = (file: string, target: PushTarget): CliCommand<CliOutcome> => ({
  text: `file get tftp ${file}`,
  time: 'push',
  changes: 'never',
  mayInterrupt: true,
  questions: [
    {
      name: 'the number of files',
      pattern: /Number of files affected: 1 (?!\d).*Would you like to proceed ?[[(]y\/n[\])] ?\?? ?:? ?$/i,
      answer: 'y',
      isOptional: true,
    },
    labelled(
      'the SFTP server',
      's?ftp (?:server|host)(?: (?:ip|address|name|ip address))?|host ?(?:name)?',
      target.host,
    ),
    // Not asked: it is 22.
    {
      ...labelled('the port', '(?:s?ftp (?:server )?)?port', `${target.port}`),
      isOptional: target.port === 22,
    },
    labelled('the user', '(?:s?ftp )?user ?(?:id|name)?', target.user),
    { ...labelled('the password', '(?:s?ftp )?password', target.password), isSecret: true },
    labelled('the folder', '(?:(?:download|destination|remote|target) )?directory', target.folder),
  ],
  read: said(/Transfer completed?\b/i),
})

/**
 * Restart. Transcripts of other services print `NAME[STARTED]`, and warn of Ctrl-C. Without that word the prompt is
 * all there is, and that is said.
 */
export const restartService = (service: CucmService): CliCommand<CliOutcome> => ({
  text: `utils service restart ${service}`,
  time: 'restart',
  questions: [],
  changes: 'atOnce',
  mayInterrupt: false,
  read: ({ lines, text }) => {
    const states = [...text.matchAll(new RegExp(`${service} ?\\[ ?([A-Za-z ]+?) ?\\]`, 'gi'))]
    const last = states.at(-1)?.[1]?.toUpperCase()
    if (last === 'STARTED' || last === 'RUNNING') return { lines }
    if (last !== undefined || looksFailed.test(text.replace(careful, ''))) return undefined
    return { lines, note: `The node does not say that ${service} has started. Look at it before you go on.` }
  },
})

/** The advice that a restart begins with; its "not" is no failure. */
const careful =
  /Do not press Ctrl ?\+ ?C while[^.]*\.(?: If the service has not restarted properly[^.]*\.)?/gi
