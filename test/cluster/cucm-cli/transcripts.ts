/** What CUCM prints, after TAC 118893, TAC 118892 and the transcripts of its guides. */

export const NO_LICENCE =
  'Command cannot be executed because the Unified Communications Manager cluster is not registered to a Smart/Virtual Account with Allow export-controlled functionality. Please register, then try again.'

export const UNKNOWN_COMMAND = 'No valid command entered\r\nExecuted command unsuccessfully\r\n'

export const SHOWN_CTL = [
  'The checksum value of the CTL file:',
  '0c05655de63fe2a042cf252d96c6d609(MD5)',
  '8c92d1a569f7263cf4485812366e66e3b503a2f5(SHA1)',
  '',
  'Length of CTL file: 4947',
  'The CTL File was last modified on Fri Mar 06 21:56:07 CET 2015',
  '',
  'Parse CTL File',
  '----------------',
  '',
  'Version:\t1.2',
  'HeaderLength:\t336 (BYTES)',
  '',
  'BYTEPOS\tTAG\t\tLENGTH\tVALUE',
  '-------\t---\t\t------\t-----',
  '3\tSIGNERID\t2\t149',
  '4\tSIGNERNAME\t62\tCN=cucm-1051-a-pub;OU=TAC;O=Cisco;L=Krakow;ST=Malopolska;C=PL',
  '',
  'The CTL file was verified successfully.',
]

export const NO_CTL = [
  'Length of CTL file: 0',
  'CTL File not found. Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL file.',
  'Error parsing the CTL File.',
]

export const PAGER = '\x1b[1mPress <enter> for 1 line, <space> for one page, or <q> to quit\x1b[0m'

export const modeTable = (value: string): string[] => [
  'paramname           paramvalue',
  '=================== ==========',
  `ClusterSecurityMode ${value}`,
]

export const RESTART_NOTE =
  'Please Restart the TFTP and Cisco CallManager services on all nodes in the cluster that run these services'

export const MIXED_QUESTION = 'This operation sets the cluster to Mixed mode. Do you want to continue? (y/n):'
export const UPDATE_QUESTION = 'This operation updates the CTLFile. Do you want to continue? (y/n):'
export const NON_SECURE_QUESTION =
  'This operation will set the cluster to non secure mode. Do you want to continue? (y/n):'

export const block = (lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('')

export const updated = block(['', 'Updating CTL file', 'CTL file Updated', RESTART_NOTE])
