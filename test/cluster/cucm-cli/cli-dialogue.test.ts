import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import type { CliEnd } from '../../../daemon/cluster/cucm-cli/cli-dialogue.js'
import { usualCliLimits } from '../../../daemon/cluster/cucm-cli/cli-limits.js'
import * as commands from '../../../daemon/cluster/cucm-cli/cucm-commands.js'
import { converse } from './converse.js'
import {
  block,
  MIXED_QUESTION,
  modeTable,
  NO_LICENCE,
  NON_SECURE_QUESTION,
  PAGER,
  SHOWN_CTL,
  UNKNOWN_COMMAND,
  UPDATE_QUESTION,
  updated,
} from './transcripts.js'

const PROMPT = 'admin:'

function result<Result>(t: ExecutionContext, end: CliEnd<Result>): Result | undefined {
  t.is(end.kind, 'done', JSON.stringify(end))
  return end.kind === 'done' ? end.result : undefined
}

function failure<Result>(t: ExecutionContext, end: CliEnd<Result>, code: string, detail: string | RegExp) {
  if (end.kind !== 'failed') return t.fail(`it ended as ${JSON.stringify(end)}`)
  t.is(end.code, code as typeof end.code, end.detail)
  if (typeof detail === 'string') t.is(end.detail, detail)
  else t.regex(end.detail, detail)
}

for (const chunk of [1, 2, 3, 5, 7, 64, 1e6]) {
  test(`an update is confirmed and done, ${chunk} characters at a time`, (t) => {
    const { typed, end } = converse(commands.updateCtlFile, [UPDATE_QUESTION, `${updated}${PROMPT}`], {
      chunk,
    })
    t.deepEqual(typed, ['utils ctl update CTLFile\r', 'y\r'])
    t.true(result(t, end)?.lines.includes('CTL file Updated'))
  })

  test(`show ctl is read through its pages, ${chunk} characters at a time`, (t) => {
    const [first, second, third] = [SHOWN_CTL.slice(0, 6), SHOWN_CTL.slice(6, 15), SHOWN_CTL.slice(15)].map(
      block,
    )
    const erased = `\r${' '.repeat(64)}\r`
    const { typed, end } = converse(
      commands.showCtl,
      [`${first}${PAGER}`, `${erased}${second}${PAGER}`, `\r\x1b[K${third}${PROMPT}`],
      { chunk },
    )
    t.deepEqual(typed, ['show ctl\r', ' ', ' '])
    const shown = result(t, end)
    t.is(shown?.md5, '0c05655de63fe2a042cf252d96c6d609')
    t.is(shown?.length, 4947)
    t.true(shown?.isVerified)
    t.deepEqual(shown?.text.split('\n'), SHOWN_CTL)
  })
}

test('colours, redrawn prompts and an echo without its command change nothing', (t) => {
  const table = block(modeTable('1'))
  const { end } = converse(commands.securityMode, [
    `\x1b[0m\x1b]0;title\x07${table}\r\n\r\x1b[Kadm\b\b\badmin:\radmin: `,
  ])
  t.is(result(t, end), 'mixed')
})

test('the mode is neither guessed nor made up', (t) => {
  t.is(result(t, converse(commands.securityMode, [`${block(modeTable('0'))}${PROMPT}`]).end), 'non-secure')
  for (const odd of [
    block(modeTable('2')),
    block(modeTable('')),
    'ClusterSecurityMode 1\r\n',
    'No records found\r\n',
  ]) {
    const { end } = converse(commands.securityMode, [`${odd}${PROMPT}`])
    failure(t, end, 'NODE_ANSWER_WRONG', /: What it printed is not understood\. It printed/)
  }
})

for (const [mode, question, moved, done] of [
  ['mixed', MIXED_QUESTION, 'Moving Cluster to Mixed Mode', 'Cluster set to Mixed Mode'],
  [
    'mixed',
    'This operation will set the cluster to Mixed mode.  Auto-registration is enabled on at least one CM node. \r\nDo you want to continue? (y/n): ',
    'Moving Cluster to Mixed Mode',
    'Cluster set to Mixed Mode',
  ],
  ['non-secure', NON_SECURE_QUESTION, 'Moving Cluster to Non Secure Mode', 'Cluster set to Non Secure Mode'],
] as const) {
  test(`${mode} is set after ${question.slice(0, 60)}`, (t) => {
    const { typed, end } = converse(commands.setSecurityMode[mode], [
      question,
      `\r\n${moved}\r\n${done}\r\n${PROMPT}`,
    ])
    t.is(typed.at(-1), 'y\r')
    t.true(result(t, end)?.lines.includes(done))
  })
}

for (const question of [
  MIXED_QUESTION,
  NON_SECURE_QUESTION,
  'Do you want to continue? (y/n):',
  'This operation updates the CTLFile and deletes all phones. Do you want to continue? (y/n):',
  `${UPDATE_QUESTION} Are you really sure? (y/n):`,
  `All phones will lose their trust. ${UPDATE_QUESTION}`,
  'Enter the password of the administrator:',
  'The system will be restarted. Proceed [y/n]?',
  '(yes/no)',
]) {
  test(`an update does not answer ${question}`, (t) => {
    const { typed, end } = converse(commands.updateCtlFile, [question])
    t.deepEqual(typed, ['utils ctl update CTLFile\r'])
    failure(
      t,
      end,
      'NODE_ANSWER_WRONG',
      /^utils ctl update CTLFile: It asks ".*", which is not expected here\. Nothing was answered\./,
    )
    t.true(end.kind === 'failed' && end.interrupt)
  })
}

test('whatever a node prints, nothing but the command and its pages is typed', (t) => {
  const words = fc.constantFrom(
    'This operation updates the CTLFile.',
    'Do you want to continue?',
    '(y/n):',
    'y',
    'CTLFile',
    'CTL file Updated',
    'Enter "y" followed by return to continue:',
    'Password:',
    'admin:',
    PAGER,
    '\r\n',
    '\r',
    '\b',
    '\x1b[K',
    ' ',
  )
  const printed = fc.array(fc.oneof(words, fc.string()), { maxLength: 12 }).map((parts) => parts.join(''))
  const question = ['This operation updates the CTLFile.', 'Do you want to continue?', '(y/n):']
  const asked = (texts: readonly string[]) => question.every((part) => texts.join('').includes(part))
  fc.assert(
    fc.property(fc.array(printed, { maxLength: 4 }), fc.integer({ min: 1, max: 30 }), (texts, chunk) => {
      fc.pre(!asked(texts))
      const { typed, end } = converse(commands.updateCtlFile, texts, { chunk })
      return (
        typed[0] === 'utils ctl update CTLFile\r' &&
        typed.slice(1).every((key) => key === ' ') &&
        (end.kind === 'done' || end.code !== 'NODE_OUTCOME_UNKNOWN')
      )
    }),
    { numRuns: 2000 },
  )
  t.pass()
})

test('the same question asked a second time is not answered, and the outcome is unknown', (t) => {
  const { typed, end } = converse(commands.updateCtlFile, [UPDATE_QUESTION, `\r\n${UPDATE_QUESTION}`])
  t.deepEqual(typed, ['utils ctl update CTLFile\r', 'y\r'])
  failure(t, end, 'NODE_OUTCOME_UNKNOWN', /which is not expected here/)
  t.false(end.kind === 'failed' && end.interrupt)
})

test('a line that drops before the confirmation has changed nothing', (t) => {
  const { typed, end } = converse(commands.updateCtlFile, ['This operation updates'], { finally: 'drop' })
  t.deepEqual(typed, ['utils ctl update CTLFile\r'])
  failure(
    t,
    end,
    'NODE_UNREACHABLE',
    'utils ctl update CTLFile: The connection ended in the middle. It printed: This operation updates',
  )
})

test('a line that drops after the confirmation leaves the outcome unknown', (t) => {
  for (const after of [
    '',
    '\r\n',
    '\r\nUpdating CTL file\r\n',
    '\r\nUpdating CTL file\r\nCTL file Updated\r\n',
  ]) {
    const { end } = converse(commands.updateCtlFile, [UPDATE_QUESTION, after], { finally: 'drop' })
    failure(
      t,
      end,
      'NODE_OUTCOME_UNKNOWN',
      /^utils ctl update CTLFile: The connection ended in the middle\. It printed: /,
    )
  }
})

test('silence after the confirmation is waited through, then the outcome is unknown', (t) => {
  const { end } = converse(commands.updateCtlFile, [UPDATE_QUESTION, '\r\nUpdating CTL file: 50%'])
  failure(t, end, 'NODE_OUTCOME_UNKNOWN', /It did not end within 900 s\./)
  const looked = converse(commands.showCtl, ['The checksum value'])
  failure(
    t,
    looked.end,
    'NODE_TIMEOUT',
    'show ctl: It did not end within 120 s. It printed: The checksum value',
  )
})

test('a cluster without the licence refuses, before or after the question', (t) => {
  for (const answers of [
    [`${NO_LICENCE}\r\n${PROMPT}`],
    [UPDATE_QUESTION, `\r\n${NO_LICENCE}\r\n${PROMPT}`],
  ]) {
    const { end } = converse(commands.updateCtlFile, answers)
    failure(
      t,
      end,
      'NODE_COMMAND_REFUSED',
      /The cluster has no licence for encryption\. .*It printed: .*export-controlled/,
    )
  }
})

test('9.1 does not know utils ctl', (t) => {
  for (const command of [commands.updateCtlFile, commands.setSecurityMode.mixed, commands.resetLocalKey]) {
    const { typed, end } = converse(command, [`${UNKNOWN_COMMAND}${PROMPT}`])
    t.is(typed.length, 1)
    failure(
      t,
      end,
      'NODE_COMMAND_REFUSED',
      /The node does not know this command\. utils ctl exists from CUCM 10\.0 on/,
    )
  }
})

test('a command that ends without its question has changed nothing', (t) => {
  const { end } = converse(commands.updateCtlFile, [`The database is busy.\r\n${PROMPT}`])
  failure(
    t,
    end,
    'NODE_COMMAND_REFUSED',
    'utils ctl update CTLFile: It ended without asking for the confirmation, so nothing was changed. It printed: The database is busy.',
  )
})

test('a confirmed command that ends without its success is of unknown outcome', (t) => {
  for (const said of ['Updating CTL file', 'Executed command unsuccessfully', 'CTL file not Updated', '']) {
    const { end } = converse(commands.updateCtlFile, [UPDATE_QUESTION, `\r\n${said}\r\n${PROMPT}`])
    failure(t, end, 'NODE_OUTCOME_UNKNOWN', /^utils ctl update CTLFile: (The node says|What it printed)/)
  }
})

test('output without end is cut off, as one line or as many', (t) => {
  failure(
    t,
    converse(commands.showCtl, ['x'.repeat(70_000)]).end,
    'NODE_ANSWER_WRONG',
    /It prints a line without end/,
  )
  const many = 'CTL Record\r\n'.repeat(usualCliLimits.printed / 10)
  const { end } = converse(commands.showCtl, [many], { chunk: 65_536 })
  failure(t, end, 'NODE_ANSWER_WRONG', /It prints without end/)
  t.true(end.kind === 'failed' && end.detail.length < 1000)
})

test('garbage is shown without what a terminal would obey', (t) => {
  const { end } = converse(commands.showCtl, ['\x00\x01\u202e\ufffd\x1b[2J\x9b31m\r\nadmin:'])
  failure(t, end, 'NODE_ANSWER_WRONG', /\\u\{202e\}/)
  t.false(end.kind === 'failed' && /[\p{Cc}\p{Cf}]/u.test(end.detail))
})

test('a restart is told by the word, or by the prompt and then said so', (t) => {
  const careful =
    'Do not press Ctrl+C while the service is restarting. If the service has not restarted properly, execute the same command again.\r\nService Manager is running\r\n'
  const restart = commands.restartService('Cisco Tftp')
  const states = (...words: string[]) => words.map((word) => `Cisco Tftp[${word}]\r\n`).join('')
  const word = converse(restart, [`${careful}${states('STOPPING', 'STARTING', 'STARTED')}${PROMPT}`])
  t.deepEqual(word.typed, ['utils service restart Cisco Tftp\r'])
  t.is(result(t, word.end)?.note, undefined)
  const silent = converse(restart, [`${careful}${PROMPT}`])
  t.regex(result(t, silent.end)?.note ?? '', /does not say that Cisco Tftp has started/)
  const stopped = converse(restart, [`${careful}${states('STOPPING', 'STOPPED')}${PROMPT}`])
  failure(t, stopped.end, 'NODE_OUTCOME_UNKNOWN', /What it printed is not what success looks like/)
  const inactive = converse(restart, [`${careful}Cisco Tftp[STOPPED]  Service Not Activated\r\n${PROMPT}`])
  failure(t, inactive.end, 'NODE_COMMAND_REFUSED', /The service is not activated on this node/)
  const other = converse(restart, [`${careful}Cisco CallManager[STOPPED]\r\nfailed\r\n${PROMPT}`])
  failure(t, other.end, 'NODE_OUTCOME_UNKNOWN', /is not what success looks like/)
  const drop = converse(restart, [careful], { finally: 'drop' })
  failure(t, drop.end, 'NODE_OUTCOME_UNKNOWN', /The connection ended in the middle/)
  t.false(drop.end.kind === 'failed' && drop.end.interrupt)
})

test('localkey is reset with its question and without, and says that success is inferred', (t) => {
  const asked = converse(commands.resetLocalKey, [
    'This operation will reset the local key. Do you want to continue? (y/n):',
    `\r\nCTL file signed\r\n${PROMPT}`,
  ])
  t.is(asked.typed.at(-1), 'y\r')
  t.regex(result(t, asked.end)?.note ?? '', /Compare show ctl/)
  const told = converse(commands.resetLocalKey, [`Updating CTL file\r\nCTL file Updated\r\n${PROMPT}`])
  t.is(result(t, told.end)?.note, undefined)
  const unknown = converse(commands.resetLocalKey, ['Enter the administrator password:'])
  t.is(unknown.typed.length, 1)
  failure(t, unknown.end, 'NODE_OUTCOME_UNKNOWN', /is not expected here/)
})
