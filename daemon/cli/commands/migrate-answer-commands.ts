/** What people answer a migration: warnings, statements, PINs, readings of phones. */
import { statementTexts } from '../../migration/plan/statements.js'
import type { CommandDescription } from '../command.js'
import { follow, migrationId, migrationOption, note } from './migrate-options.js'
import { keyFile, pinOptions } from './shared-options.js'

const statements = Object.entries(statementTexts)
  .map(([code, text]) => `${code} (${text})`)
  .join(', ')

export const migrateAnswerCommands: readonly CommandDescription[] = [
  {
    name: 'migrate acknowledge',
    summary: 'Acknowledge warnings by their codes, or GO past the hard stop.',
    description: [
      'An error is mended, not acknowledged. GO is refused while there are errors, or warnings that nobody acknowledged. Who acknowledged what stands in the report.',
    ],
    operands: [{ name: 'CODE', many: true, summary: 'As the findings name it, or GO.' }],
    options: [migrationOption, note, follow, keyFile],
    examples: [
      {
        line: 'ctl-bridge migrate acknowledge DEVICES_WITHOUT_SBD CONSUMERS_NOT_INFORMED',
        summary: 'Two warnings.',
      },
      { line: 'ctl-bridge migrate acknowledge GO --follow', summary: 'From here on phones change.' },
    ],
    load: () => import('../migrate/run-migrate-acknowledge.js'),
  },
  {
    name: 'migrate say',
    summary: 'Say what the daemon cannot see.',
    description: [`It is recorded as said, with your name, and not as seen. CODE: ${statements}.`],
    operands: [{ name: 'CODE', many: true, summary: 'What you say.' }],
    options: [migrationOption, note, follow, keyFile],
    examples: [
      {
        line: "ctl-bridge migrate say BACKUP_TAKEN --note 'DRS of last night'",
        summary: 'A backup was taken.',
      },
    ],
    load: () => import('../migrate/run-migrate-say.js'),
  },
  {
    name: 'migrate unlock',
    summary: 'Give the PIN of the token that the current step signs with.',
    description: [
      'Asks for the PIN on the terminal, or reads it from a file or a file descriptor. It is used for one signature, is tried once, and stands in no log. The token must be the planned one: with another one plugged in no PIN is asked. Two tokens one after the other in one port are the normal case.',
    ],
    operands: [migrationId],
    options: [...pinOptions, follow, keyFile],
    examples: [{ line: 'ctl-bridge migrate unlock', summary: 'When status says that a token is needed.' }],
    load: () => import('../migrate/run-migrate-unlock.js'),
  },
  {
    name: 'migrate phones',
    summary: 'Enter what phones show: whether they took the file, and its checksum.',
    description: [
      'What a phone holds is visible on the phone alone: Settings → Status → Status Messages (Trust List Updated, Trust List Update Failed), and the checksum under Security Configuration → CTL file. status shows the checksum to look for.',
      'A list is CSV with a head: Device Name, Took (accepted or refused), CTL Checksum, Device Type; without a head the first three, in this order. A list that `phones --devices` reads will do as well: there a row with the awaited checksum counts as accepted, and one with another checksum is left out, because it says nothing of what the phone will do.',
      "Each model that the cluster counts needs a pilot. Where there is no phone of a model that could be read (CTI ports, say): '*' unread --model MODEL. That stands in the report as your word.",
    ],
    operands: [
      {
        name: 'DEVICE',
        optional: true,
        summary: "For example SEP001122334455; '*' for all those that nobody read.",
      },
      { name: 'TOOK', optional: true, summary: 'accepted or refused; unread for a model.' },
      { name: 'CHECKSUM', optional: true, summary: 'MD5 or SHA-1, as the phone shows it.' },
    ],
    options: [
      { name: 'devices', value: 'FILE', summary: 'A list instead, or - for standard input.' },
      {
        name: 'model',
        value: 'TEXT',
        summary:
          'The model of DEVICE, where the cluster does not tell it (no AXL, or a device that is new); with unread, the one of which no phone can be read.',
      },
      migrationOption,
      note,
      follow,
      keyFile,
    ],
    examples: [
      {
        line: 'ctl-bridge migrate phones SEP001122334455 accepted 7f3c9e0d5b1a48269f60c2d4e8a7b315',
        summary: 'One pilot.',
      },
      {
        line: "ctl-bridge migrate phones '*' unread --model 'CTI Port' --note 'no phones'",
        summary: 'A model of which no phone can be read.',
      },
      {
        line: "ctl-bridge migrate phones '*' accepted --note 'looked at the floor'",
        summary: 'When all were reset: your word on those that nobody read. It ends the step.',
      },
      { line: 'ctl-bridge migrate phones --devices read.csv', summary: 'What was read on a round.' },
    ],
    load: () => import('../migrate/run-migrate-phones.js'),
  },
  {
    name: 'migrate again',
    summary: 'Do a step once more of which nobody knows whether it was done.',
    description: [
      'A connection broke, or the daemon ended, while the step was done, and its effect does not tell. Look at the node first. Your word for it stands in the report.',
    ],
    operands: [migrationId],
    options: [note, { name: 'yes', summary: 'Do not ask for confirmation.' }, follow, keyFile],
    examples: [{ line: 'ctl-bridge migrate again', summary: 'Asks for the cluster’s name.' }],
    load: () => import('../migrate/run-migrate-again.js'),
  },
  {
    name: 'migrate file',
    summary: 'Write a file of a migration: the one to upload, or what a node had before.',
    description: [
      'Without NAME the file that you are to upload now, else the new one; on a way back what the node of the step had before, and else it asks for --node. status --json lists all names. With --before and --node it is what that node served before the migration; where it had no file, that is said and nothing is written.',
    ],
    operands: [{ name: 'NAME', optional: true, summary: 'new, draft, bridge, before/NODE/CTLFile.tlv …' }],
    options: [
      { name: 'out', value: 'FILE', required: true, summary: 'Where it goes. Replaced whole or not at all.' },
      { name: 'before', summary: 'What a node served before. Needs --node.' },
      { name: 'node', value: 'NODE', summary: 'Which node. Needs --before.' },
      migrationOption,
      keyFile,
    ],
    examples: [
      { line: 'ctl-bridge migrate file --out CTLFile.tlv', summary: 'For TFTP File Management.' },
      {
        line: 'ctl-bridge migrate file --before --node sub2 --out CTLFile.tlv',
        summary: 'What sub2 served before.',
      },
    ],
    load: () => import('../migrate/run-migrate-file.js'),
  },
]
