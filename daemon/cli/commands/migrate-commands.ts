/** Migrations: from one trust to another, step by step. */
import type { CommandDescription, CommandOperand, CommandOption } from '../command.js'
import { migrateAnswerCommands } from './migrate-answer-commands.js'
import { follow, migrationId, note } from './migrate-options.js'
import { keyFile } from './shared-options.js'

const cluster: CommandOperand = { name: 'CLUSTER', summary: 'The cluster, as the settings call it.' }
const plan: CommandOperand = {
  name: 'PLAN',
  summary:
    'mixed-mode-tokenless (non-secure → mixed mode, tokenless), tokens-to-tokenless, tokenless-to-tokens (the revert), first-token-ctl (non-secure → mixed mode, tokens), update-token-ctl (servers, tokens, addresses, certificates), regenerate-tokenless, before-downgrade, non-secure, stale-file, asterisk-first, asterisk-update, asterisk-signer.',
}

const planOptions: readonly CommandOption[] = [
  {
    name: 'token',
    value: 'SERIAL',
    many: true,
    summary:
      'A token of the file to come, in its order; it must have been plugged in once. Cisco asks for two.',
  },
  { name: 'signer', value: 'SERIAL', summary: 'The token that signs. Default: the last --token.' },
  {
    name: 'certificate',
    value: 'NAME',
    choices: ['CallManager', 'ITLRecovery'],
    summary: 'For regenerate-tokenless: what is regenerated. Needs --node.',
  },
  { name: 'node', value: 'NODE', summary: 'For regenerate-tokenless: where it is regenerated.' },
  {
    name: 'add',
    value: 'ROLE=FILE[@ADDRESS]',
    many: true,
    summary: 'Add a record for a certificate, as in compose.',
  },
  { name: 'remove', value: 'N[,N]', many: true, summary: 'Leave records of the served CTL out.' },
  { name: 'replace', value: 'N=FILE', many: true, summary: 'Give a record another certificate.' },
  { name: 'address', value: 'N=IP', many: true, summary: 'Give a record another IP address.' },
  { name: 'host', value: 'N=NAME', many: true, summary: 'Give a record another DNSNAME.' },
]

const yes: CommandOption = { name: 'yes', summary: 'Do not ask for confirmation.' }
const detach: CommandOption = {
  name: 'detach',
  summary: 'Begin, and come back at once; status --follow shows the rest.',
}

const revert = 'ctl-bridge migrate plan krakow tokenless-to-tokens --token 0a1b2c3d --token 4e5f6a7b'

export const migrateCommands: readonly CommandDescription[] = [
  {
    name: 'migrate',
    summary: 'List the migrations: what is under way, and what was done.',
    description: [
      'A migration carries a cluster from one trust to another: tokens, tokenless, non-secure, new servers, new tokens. plan shows what it would do, start begins, status tells where it stands and what you have to do, rollback goes back.',
      'It goes on in the daemon whether or not somebody looks, survives the end of the daemon and of the machine, and stops where nothing is half done.',
      'If the CTL Client says “The Security Token you have inserted does not exist in the CTL File”: the CTL that the cluster serves was signed without this token, by the cluster itself (tokenless) or by other tokens, so the phones would not take what it signs. From tokenless the way is tokenless-to-tokens. With another token of the file at hand it is update-token-ctl --signer THAT --token THIS.',
    ],
    operands: [],
    options: [keyFile],
    examples: [{ line: 'ctl-bridge migrate', summary: 'The latest first.' }],
    load: () => import('../migrate/run-migrate.js'),
  },
  {
    name: 'migrate plan',
    summary: 'Show what a migration would do on a cluster, and what stands in its way. Touches nothing.',
    description: [
      'Looks at every node first. Then: the steps with who acts (the daemon, the custodian of a token, you), restarts and resets in their order, how long phones are without calls or without a right file, what is relied on and not proved, findings with a code and a remedy, and which models take the new file.',
      'What a release cannot have is said with the reason. N of --remove, --replace, --address and --host is the number of a record in the CTL that the cluster serves (ctl-bridge show tftp://NODE/CTLFile.tlv); roles are those of compose.',
      'Exit code 0 when there is such a plan, whatever was found; 4 when it is impossible here.',
    ],
    operands: [cluster, plan],
    options: [...planOptions, keyFile],
    examples: [
      { line: revert, summary: 'Back from tokenless to hardware tokens.' },
      {
        line: 'ctl-bridge migrate plan krakow update-token-ctl --signer 0a1b2c3d --add ccm+tftp=sub3.pem@10.48.47.156',
        summary: 'A server is added.',
      },
      {
        line: 'ctl-bridge migrate plan krakow regenerate-tokenless --certificate CallManager --node pub',
        summary: 'What a new CallManager certificate means for phones.',
      },
    ],
    load: () => import('../migrate/run-migrate-plan.js'),
  },
  {
    name: 'migrate start',
    summary: 'Show the plan and what was found, ask, begin, and follow.',
    description: [
      'Goes on by itself up to the hard stop, before which nothing changes for phones. There it waits until each warning is acknowledged by its code and GO is said.',
      'Follows until it is done or stopped: as a picture on a terminal, as lines elsewhere, with --json as one state a line. Leaving the display (Ctrl-C) does not end the migration. Signing, uploads and phones are yours; status says what and how.',
      'Exit code 0 when it is done; when it is stopped, that of the problem it stopped at.',
    ],
    operands: [cluster, plan],
    options: [
      ...planOptions,
      {
        name: 'said',
        value: 'CODE',
        many: true,
        summary: 'Say at once what the daemon cannot see, for example BACKUP_TAKEN; see migrate say.',
      },
      yes,
      detach,
      keyFile,
    ],
    examples: [
      {
        line: revert.replace('plan', 'start'),
        summary: 'Shows it, asks for the name of the cluster, begins.',
      },
      {
        line: `${revert.replace('plan', 'start')} --yes --detach --json`,
        summary: 'From a script, which looks again with status.',
      },
    ],
    load: () => import('../migrate/run-migrate-start.js'),
  },
  {
    name: 'migrate status',
    summary: 'Show where a migration stands, what it waits for on each node, and what you do now.',
    description: [
      'Without ID the one that is open, else the latest. While phones are to take a file, its checksums stand there as phones show them.',
      'Exit code 0 while it goes on or when it is done; when it is stopped, that of the problem it stopped at.',
    ],
    operands: [migrationId],
    options: [follow, keyFile],
    examples: [
      { line: 'ctl-bridge migrate status', summary: 'What is to be done now.' },
      { line: 'ctl-bridge migrate status --follow', summary: 'And how it goes on.' },
    ],
    load: () => import('../migrate/run-migrate-status.js'),
  },
  {
    name: 'migrate resume',
    summary: 'Go on with a migration that was stopped, where it stands.',
    description: ['Everything is looked at again first. What is done is not done twice.'],
    operands: [migrationId],
    options: [follow, keyFile],
    examples: [{ line: 'ctl-bridge migrate resume --follow', summary: 'Once the cause is mended.' }],
    load: () => import('../migrate/run-migrate-resume.js'),
  },
  {
    name: 'migrate stop',
    summary: 'Stop a migration before its next step.',
    description: ['What is being done is finished and recorded. resume goes on.'],
    operands: [migrationId],
    options: [keyFile],
    examples: [{ line: 'ctl-bridge migrate stop', summary: 'The one that is open.' }],
    load: () => import('../migrate/run-migrate-stop.js'),
  },
  {
    name: 'migrate abandon',
    summary: 'End a migration where it is, for good.',
    description: [
      'What was done stays done; nothing is taken back (that is rollback). The journal stays, and the cluster is free for another migration. Stop it first.',
    ],
    operands: [migrationId],
    options: [note, yes, keyFile],
    examples: [
      {
        line: "ctl-bridge migrate abandon --note 'finished by hand'",
        summary: 'Asks for the cluster’s name.',
      },
    ],
    load: () => import('../migrate/run-migrate-abandon.js'),
  },
  ...migrateAnswerCommands,
  {
    name: 'migrate rollback',
    summary: 'Show the way back and who takes it, ask, and go back.',
    description: [
      'The way back is a migration of its own: it restores the files of every node byte for byte, the mode, and the trust uploads, as far as they were changed. It is itself a change of signer, so it is foretold, for each file that phones may hold by now, who will take it. Where there is no way back any more the reason is told.',
      'One that is under way is stopped first, before its next step.',
    ],
    operands: [migrationId],
    options: [{ name: 'dry-run', summary: 'Only show it.' }, yes, detach, keyFile],
    examples: [
      { line: 'ctl-bridge migrate rollback --dry-run', summary: 'Who would take the way back now.' },
    ],
    load: () => import('../migrate/run-migrate-rollback.js'),
  },
]
