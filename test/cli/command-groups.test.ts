import test from 'ava'
import { commands } from '../../daemon/cli/commands.js'
import { runCommand } from './run-command.js'

const groups = [
  ...new Set(
    commands.map(({ name }) => name.split(' ')).flatMap(([first = '', second]) => (second ? first : [])),
  ),
]

test('the first word of commands of two lists them', async (t) => {
  t.true(groups.includes('lab') && groups.includes('token'))
  for (const group of groups.filter((word) => !commands.some(({ name }) => name === word))) {
    for (const args of [[group], [group, '--help'], ['help', group]]) {
      const { code, stdout, stderr } = await runCommand(args)
      t.is(code, 0, stderr)
      t.true(stdout.startsWith(`Usage: ctl-bridge ${group} COMMAND`), stdout)
      for (const { name } of commands)
        t.is(stdout.includes(`\n  ${name} `), name.startsWith(`${group} `), name)
    }
  }
})

test('a second word that is none is told, with those that are', async (t) => {
  const mistyped = await runCommand(['lab', 'start'])
  t.is(mistyped.code, 2)
  t.regex(mistyped.stderr, /no command "lab start"\. There are lab up, lab status/)
  const beside = await runCommand(['clusters', 'observ', 'lab'])
  t.is(beside.code, 2)
  t.regex(beside.stderr, /no command "clusters observ"\. There are clusters show, clusters observe/)
  const json = await runCommand(['token', 'x', '--json'])
  t.is(JSON.parse(json.stdout).problem.code, 'USAGE')
})
