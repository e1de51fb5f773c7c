import test from 'ava'
import { commands } from '../../daemon/cli/commands.js'
import { parseArguments } from '../../daemon/cli/parse-arguments.js'

function parse(name: string, ...args: string[]) {
  const command = commands.find((one) => one.name === name)
  if (command === undefined) throw new Error(name)
  return parseArguments(command, args)
}
const sign = (...args: string[]) => parse('sign', 'F', '--token', 'T', '--out', 'O', ...args)

test('operands, values, lists and switches come apart', (t) => {
  const parsed = sign('--with-token', 'A', '--with-token=B', '--drop-sast', '--json')
  t.deepEqual(parsed.operands, ['F'])
  t.like(parsed.values, { token: 'T', out: 'O', digest: undefined })
  t.deepEqual(parsed.lists['with-token'], ['A', 'B'])
  t.deepEqual(parsed.lists.server, [])
  t.deepEqual([...parsed.switches].sort(), ['drop-sast', 'json'])
})

test('after -- everything is an operand', (t) => {
  t.deepEqual(parse('show', '--', '--json').operands, ['--json'])
  t.false(parse('show', '--', '--json').switches.has('json'))
})

test('what is missing, twice, unknown, empty of its value or not among the choices is refused', (t) => {
  const wrong = [
    ['sign', 'F', '--token', 'T'],
    ['sign', '--token', 'T', '--out', 'O'],
    ['sign', 'F', '--out', 'O', '--token'],
    ['sign', 'F', '--out', 'O', '--token', 'T', '--token', 'U'],
    ['sign', 'F', '--out', 'O', '--token', 'T', '--digest', 'sha256'],
    ['sign', 'F', '--out', 'O', '--token', 'T', '--drop-sast=yes'],
    ['show', 'F', '--token', 'T'],
    ['show', 'F', '-z', 'UTC'],
    ['tokens', 'F'],
  ]
  for (const [name = '', ...args] of wrong) {
    const error = t.throws(() => parse(name, ...args), { code: 'USAGE' }, `${name} ${args.join(' ')}`)
    t.true(error?.message.startsWith(`ctl-bridge ${name}: `))
  }
})

test('whoever asks for help need not be right', (t) => {
  t.true(parse('sign', '--help').switches.has('help'))
})
