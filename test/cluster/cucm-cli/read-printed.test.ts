import { readFileSync } from 'node:fs'
import test from 'ava'
import { oneLine } from '../../../daemon/cluster/cucm-cli/cli-command.js'
import { readShownCtl, readSqlTable } from '../../../daemon/cluster/cucm-cli/read-printed.js'
import { TerminalText } from '../../../daemon/cluster/cucm-cli/terminal-text.js'
import { NO_CTL, SHOWN_CTL } from './transcripts.js'

const printed = (lines: readonly string[]) => ({ lines, text: oneLine(lines) })

const wrapped = (lines: readonly string[], width: number): string[] =>
  lines.flatMap((line) => line.match(new RegExp(`.{1,${width}}`, 'g')) ?? [''])

test('show ctl is read however the terminal wraps it', (t) => {
  const whole = readShownCtl(printed(SHOWN_CTL))
  t.deepEqual(
    { ...whole, text: '' },
    {
      md5: '0c05655de63fe2a042cf252d96c6d609',
      sha1: '8c92d1a569f7263cf4485812366e66e3b503a2f5',
      length: 4947,
      isVerified: true,
      text: '',
    },
  )
  for (const width of [7, 20, 40, 80]) {
    t.deepEqual({ ...readShownCtl(printed(wrapped(SHOWN_CTL, width))), text: '' }, { ...whole, text: '' })
  }
  // TAC's pages print all in one line.
  t.is(readShownCtl(printed([SHOWN_CTL.join(' ')]))?.length, 4947)
})

test('what show prints for files of this program is read as well', (t) => {
  const vectors = new URL('../../../../test/vectors/', import.meta.url)
  const text = readFileSync(new URL('tac-118893-tokenless.show.txt', vectors), 'utf8')
  t.is(readShownCtl(printed(text.split('\n')))?.length, 4947)
})

test('no file is a state, an unverified one is not verified, and half an answer is none', (t) => {
  const none = readShownCtl(printed(NO_CTL))
  t.deepEqual([none?.md5, none?.sha1, none?.length, none?.isVerified], [undefined, undefined, 0, false])
  const unverified = SHOWN_CTL.map((line) =>
    line.replace('was verified successfully', 'could not be verified'),
  )
  t.false(readShownCtl(printed(unverified))?.isVerified)
  t.is(readShownCtl(printed(SHOWN_CTL.slice(1))), undefined)
  t.is(readShownCtl(printed(SHOWN_CTL.filter((line) => !line.startsWith('Length')))), undefined)
  t.is(readShownCtl(printed([])), undefined)
})

test('a table of run sql is read by its columns', (t) => {
  const lines = ['name        descr', '=========== ===========', 'cucm-a      has two words', 'cucm-b']
  t.deepEqual(readSqlTable(printed(lines)), [
    { name: 'cucm-a', descr: 'has two words' },
    { name: 'cucm-b', descr: '' },
  ])
  t.is(readSqlTable(printed(['==== ====', 'a b'])), undefined)
  t.is(readSqlTable(printed([])), undefined)
})

test('a terminal shows what is left of lines that are written over', (t) => {
  const shown = (text: string) => {
    const terminal = new TerminalText()
    terminal.receive(text)
    return [...terminal.lines, terminal.line]
  }
  t.deepEqual(shown('abc\r\nd'), ['abc', 'd'])
  t.deepEqual(shown('abc\rX\x1b[K\n'), ['X', ''])
  t.deepEqual(shown('abc\b\bX\n'), ['aXc', ''])
  t.deepEqual(shown('abc\x1b[2KX\n'), ['   X', ''])
  t.deepEqual(shown('\x1b[1;31mred\x1b[0m\x1b(B\x1b]0;t\x1b\\ok\x07'), ['redok'])
  t.deepEqual(
    shown(`\x1b[${'1;'.repeat(500)}mok`)
      .at(-1)
      ?.endsWith('ok'),
    true,
  )
})
