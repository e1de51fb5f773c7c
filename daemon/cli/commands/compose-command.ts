/** Making and changing files. */
import { recordProfileNames } from '../../ctl/record-profiles.js'
import type { CommandDescription } from '../command.js'
import { keyFile, pinOptions } from './shared-options.js'

export const composeCommand: CommandDescription = {
  name: 'compose',
  summary: 'Make a CTL from an existing one, from certificates and tokens, or from nothing.',
  description: [
    'Prints the records before and after, and what is worth knowing of the change. The file is left unsigned (a signature of zeros; sign fills it in), or signed with --token, verified, and only then written. Needs no daemon unless a token is named.',
    'Records of BASE that no option names keep their bytes, and so does the layout of its header. N is always the number of a record in BASE. New records are called +1, +2, … (tokens, then --add, then --stub, each in the order given); new SAST records come first, others last.',
    'ROLE is token (a SAST that is a token), sast (CallManager or ITLRecovery as SAST), ccm, ccm+tftp, tftp, capf, srst, app-server, ca, tvs, …, or a number. Which number a firewall (ASA) carries is not known: 1 (shown as CCM) or 6 (FIREWALL), your choice.',
    'FILE of a certificate is PEM or DER and holds one certificate. ADDRESS is an IPv4 address, a host name, or NAME/IP; a FILE with an @ in its name needs one more @ at its end.',
    'Refused: a signer that is no SAST any more, records that say the same twice, SAST records that the release does not make, more than 64 KiB. --force makes findings of the last three.',
  ],
  operands: [
    {
      name: 'BASE',
      optional: true,
      summary: 'The CTL to start from, or - for standard input; nothing, if left out.',
    },
  ],
  options: [
    { name: 'out', value: 'FILE', summary: 'Where the file goes. Replaced whole or not at all.' },
    { name: 'dry-run', summary: 'Print what would be written, and write nothing.' },
    { name: 'add', value: 'ROLE=FILE[@ADDRESS]', many: true, summary: 'Add a record for a certificate.' },
    {
      name: 'with-token',
      value: 'SERIAL',
      many: true,
      summary: 'Add a token that the daemon knows as SAST, plugged in or remembered.',
    },
    { name: 'stub', value: '[NAME=]IP', many: true, summary: 'Add a server without certificate (CCM+TFTP).' },
    { name: 'remove', value: 'N[,N]', many: true, summary: 'Leave records of BASE out.' },
    { name: 'replace', value: 'N=FILE', many: true, summary: 'Give a record another certificate.' },
    { name: 'address', value: 'N=IP', many: true, summary: 'Give a record another IP address.' },
    { name: 'host', value: 'N=NAME', many: true, summary: 'Give a record another DNSNAME.' },
    { name: 'order', value: 'N,+N', summary: 'Put these records first, in this order; the others follow.' },
    {
      name: 'token',
      value: 'SERIAL',
      summary: 'Add this token as SAST if it is none, and sign with it.',
    },
    {
      name: 'certificate',
      value: 'SHA256',
      summary: 'The signer’s certificate, where its token has several.',
    },
    {
      name: 'signer',
      value: 'N|+N|FILE',
      summary: 'Who will sign, for an unsigned file. Default: the signer of BASE, or the first SAST.',
    },
    {
      name: 'release',
      value: 'RELEASE',
      summary:
        'Check and order the SAST records as this CUCM release does, for example 10.5(2). Needs --mode.',
    },
    {
      name: 'mode',
      value: 'MODE',
      choices: ['token', 'tokenless', 'non-secure'],
      summary: 'The kind of file. non-secure makes stubs of the servers.',
    },
    {
      name: 'profile',
      value: 'NAME',
      choices: recordProfileNames,
      summary: 'Layout of new and changed records. Default: as BASE, or the producer of --mode.',
    },
    { name: 'convert', summary: 'Lay the header and all records out in the profile, as sign does.' },
    {
      name: 'digest',
      value: 'NAME',
      choices: ['sha1', 'sha512'],
      summary: 'Default: as BASE, or sha1, which every phone takes.',
    },
    { name: 'timestamp', value: 'TIME', summary: 'For example 2026-03-01T12:00:00Z. Default: now.' },
    {
      name: 'file-name',
      value: 'NAME',
      summary: 'FILENAME of the header. Default: as BASE, or CTLFile.tlv.',
    },
    { name: 'force', summary: 'Go on where a refusal is only advice; see above.' },
    ...pinOptions,
    keyFile,
  ],
  examples: [
    {
      line: 'ctl-bridge compose CTLFile.tlv --add ccm+tftp=sub2.pem@sub2/10.0.0.3 --out new.tlv',
      summary: 'Add a server; the file is unsigned.',
    },
    {
      line: 'ctl-bridge compose CTLFile.tlv --replace 4=capf.pem --token 0a1b2c3d --out new.tlv',
      summary: 'Replace CAPF’s certificate and sign with a token of the file.',
    },
    {
      line: 'ctl-bridge compose CTLFile.tlv --remove 2 --dry-run',
      summary: 'What the file would be without the token of record 2.',
    },
  ],
  load: () => import('../compose/run-compose.js'),
}
