import test from 'ava'
import type { TokenAnswer, TokenListAnswer } from '../../daemon/cli/answers.js'
import { tokensText } from '../../daemon/cli/token/run-tokens.js'

const pin = { set: true, countLow: false, finalTry: false, locked: false, mustChange: false, onReader: false }
const token = {
  serial: '0a1b',
  label: 'one',
  state: 'present',
  manufacturer: 'M',
  model: 'm',
  module: 'safenet',
  shadowed: [],
  pin,
  wrongTries: 0,
  readerRefuses: false,
  lease: null,
  certificates: [],
}
const textOf = (tokens: object[], modules: object[] = [{ name: 'safenet', state: 'ready', tokens: 1 }]) =>
  tokensText({ tokens, modules } as unknown as TokenListAnswer)
const withPin = (more: Partial<TokenAnswer['pin']>) => ({ ...token, pin: { ...pin, ...more } })

test('A module that failed and one that is parked are told with what mends them', (t) => {
  const error = { code: 'MODULE_PARKED', detail: 'Its processes keep dying.', remedy: 'Replug it.' }
  const text = textOf([token], [{ name: 'opensc', state: 'parked', error, tokens: 0 }])
  t.regex(text, /Module opensc is parked: Its processes keep dying\. \(MODULE_PARKED\)\n {2}do +Replug it\./)
  t.regex(textOf([], [{ name: 'x', state: 'failed', error, tokens: 0 }]), /Module x does not work/)
})

test('A faulty token says why, and one that two modules show says which serves it', (t) => {
  const text = textOf([{ ...token, state: 'faulty', fault: 'It cannot be read.', shadowed: ['opensc'] }])
  t.regex(text, /fault +It cannot be read\./)
  t.regex(text, /also in +opensc \(not used\)/)
})

test('Tries that were lost show; without any nothing does', (t) => {
  t.regex(textOf([{ ...token, wrongTries: 3 }]), /lost tries {3}3 /)
  t.false(textOf([token]).includes('lost tries'))
})

test('What a token says of its PIN is told, and where the PIN is typed', (t) => {
  t.regex(textOf([withPin({ locked: true, finalTry: true })]), /PIN +LOCKED/)
  t.regex(textOf([withPin({ finalTry: true, countLow: true })]), /PIN +ONE TRY LEFT/)
  t.regex(textOf([withPin({ countLow: true })]), /PIN +a wrong PIN was given/)
  t.regex(textOf([withPin({ set: false })]), /PIN +not set/)
  t.regex(textOf([withPin({ onReader: true })]), /PIN +set; typed on the reader/)
  t.regex(textOf([{ ...withPin({ onReader: true }), readerRefuses: true }]), /asked here/)
})
