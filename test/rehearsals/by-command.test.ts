/**
 * A whole revert by the commands alone: lab, daemon and each command are processes of their own, and the person at the
 * pages of OS Administration has a browser and the files that the commands wrote.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { MigrationAnswer } from '../../daemon/cli/answers.js'
import type { LabStatus } from '../../lab/control/control-messages.js'
import type { PhoneRecord } from '../../lab/phones/phone-record.js'
import { COMMAND, type CommandRun, runCommand } from '../cli/run-command.js'
import { sitDown } from '../lab/person.js'
import { type LabHome, lab, labHome, startLabProcess } from '../lab/up/lab-process.js'

const PIN = 'Cisco123'

test('tokenless → tokens by the commands, from the probe to the report of the phones', async (t) => {
  const home = await labHome(t)
  const quick = ['--tvs-delay', '1', '--replication-delay', '1']
  const { status } = await startLabProcess(t, home, ['--nodes', '2', '--phones', '24', ...quick])
  const hands = handsOf(t, home, status)
  await hands.probeAll()

  const tokens = hands.serials.flatMap((serial) => ['--token', serial])
  const plan = await hands.run('migrate', 'plan', 'lab', 'tokenless-to-tokens', ...tokens)
  t.is(plan.code, 0, plan.stderr)
  const foretold = [...plan.stdout.matchAll(/^ {2}\d+ +(.+?) {2,}.* {2}refuses \(/gm)].map(
    ([, model]) => model,
  )

  const said = ['BACKUP_TAKEN', 'ROLLBACK_PARAMETER_OFF', 'NOT_FIPS'].flatMap((code) => ['--said', code])
  const started = await hands.run(
    ...['migrate', 'start', 'lab', 'tokenless-to-tokens', ...tokens, ...said, '--yes', '--detach', '--json'],
  )
  t.is(started.code, 0, started.stdout + started.stderr)
  const follower = follow(home)
  const end = await hands.carryOut()
  t.is(end.state, 'done')
  t.is(await follower.ended, 0, 'who follows sees the end')
  t.regex(follower.text(), /^\d\d-sign-new {2}needs a token: Sign the new file with token/m)
  const told = follower.text().match(/^\S+ {2}(?:begins|needs a token|you do this):/gm) ?? []
  t.is(new Set(told).size, told.length, 'each step is told once')
  t.true(follower.text().trimEnd().endsWith('\ndone'))

  const out = join(dirname(home.settings), 'new.tlv')
  t.is((await hands.run('migrate', 'file', 'new', '--out', out)).code, 0)
  for (const node of status.nodes) {
    const answer = await fetch(`http://${node.address}:${node.ports.http}/CTLFile.tlv`)
    const served = new Uint8Array(await answer.arrayBuffer())
    t.deepEqual(Buffer.from(served), await readFile(out), node.name)
  }
  const wanted = await readFile(out)
  const stranded = (await hands.phones())
    .filter(({ shows, ctl }) => ctl.checksum !== createHash(shows).update(wanted).digest('hex'))
    .map(({ model }) => model)
  t.true(foretold.length > 0)
  t.deepEqual(
    [...new Set(stranded)].sort(),
    [...new Set(foretold)].sort(),
    'those that were named, and none else',
  )

  const back = await hands.run('migrate', 'rollback', '--dry-run')
  t.is(back.code, 0, back.stderr)
  t.regex(back.stdout, /Who takes the file to come:/)
})

function handsOf(t: ExecutionContext, home: LabHome, status: LabStatus) {
  const run = (...args: string[]) => runCommand([...args, '--config', home.settings])
  const runWith = (options: CommandRun, ...args: string[]) =>
    runCommand([...args, '--config', home.settings], options)
  const done = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args)
    if (code !== 0) throw new Error(`${args.join(' ')}: ${code}\n${stdout}${stderr}`)
    return stdout
  }
  const seat = (name: string) => {
    const node = status.nodes.find((one) => one.name === name)
    return sitDown({
      url: `https://${node?.address}:${node?.ports.web}/`,
      user: status.user,
      password: status.password,
    })
  }
  const put = async (node: string, file: string) => {
    const person = await seat(node)
    const told = await person.uploadFile('CTLFile.tlv', await readFile(file))
    t.true(told.isSuccess, told.text)
    t.true((await person.restart('Cisco Tftp')).isSuccess)
  }
  const phones = async (): Promise<readonly PhoneRecord[]> =>
    JSON.parse((await lab(home, 'phones', '--json')).text).phones
  const serials = status.tokens.map(({ serial }) => serial ?? '')
  const file = join(dirname(home.settings), 'upload.tlv')

  /** By the checksums on their screens. */
  const readScreens = async (which: 'pilots' | 'all') => {
    await lab(home, 'reset', ...(which === 'pilots' ? ['--pilots'] : []))
    const models = new Set<string>()
    const bytes = await readFile(file)
    const rows = (await phones()).flatMap(({ device, model, shows, ctl: { checksum } }) => {
      if (which === 'pilots' && models.has(model)) return []
      models.add(model)
      const took = checksum === createHash(shows).update(bytes).digest('hex') ? 'accepted' : 'refused'
      return [`${device},${took},${checksum ?? ''}`]
    })
    const input = `Device Name,Took,CTL Checksum\n${rows.join('\n')}\n`
    const { code, stderr } = await runWith({ input }, 'migrate', 'phones', '--devices', '-')
    t.is(code, 0, stderr)
  }

  const answer = async ({ current, steps, findings }: MigrationAnswer) => {
    const step = steps.find(({ id }) => id === current)
    switch (step?.does.do) {
      case 'upload-certificates': {
        const publisher = await seat(status.nodes[0]?.name ?? '')
        for (const serial of serials) {
          const pem = await done('token', 'export', serial)
          const told = await publisher.uploadCertificate(
            'Phone-SAST-trust',
            `${serial}.pem`,
            Buffer.from(pem),
          )
          t.true(told.isSuccess, told.text)
        }
        return
      }
      case 'hard-stop': {
        if (findings.length === 0) return
        const warnings = findings.filter(({ severity }) => severity === 'warning').map(({ code }) => code)
        await done('migrate', 'acknowledge', ...new Set(warnings), 'GO')
        return
      }
      case 'sign': {
        const { code, stderr } = await runWith(
          { descriptor3: `${PIN}\n` },
          'migrate',
          'unlock',
          '--pin-fd',
          '3',
        )
        t.is(code, 0, stderr)
        return
      }
      case 'publish': {
        await done('migrate', 'file', '--out', file)
        for (const node of step.does.nodes as string[]) await put(node, file)
        return
      }
      case 'confirm': {
        await done('migrate', 'say', step.does.statement as string)
        return
      }
      case 'reset-phones':
        return readScreens(step.does.which === 'pilots' ? 'pilots' : 'all')
    }
  }

  return {
    run,
    serials,
    phones,
    probeAll: async () => {
      for (const { name } of status.nodes) {
        const probe = ['clusters', 'probe', 'lab', '--node', name, '--yes']
        const asked = await run(...probe, '--out', file)
        const [, kept = ''] = /--uploaded (\d+)/.exec(asked.stdout) ?? []
        await put(name, file)
        await done(...probe, '--uploaded', kept)
      }
    },
    /** Does what each step asks for, once, until it has ended or stopped. */
    carryOut: async (): Promise<MigrationAnswer> => {
      const did = new Set<string>()
      for (;;) {
        const shown = await run('migrate', 'status', '--json')
        if (shown.stdout === '') throw new Error(shown.stderr)
        const view: MigrationAnswer = JSON.parse(shown.stdout)
        if (view.stopped !== undefined) throw new Error(JSON.stringify(view.stopped))
        if (view.current === undefined) return view
        const isAsked = view.waits.length > 0 && !did.has(view.current)
        if (isAsked) {
          did.add(view.current)
          await answer(view)
        }
      }
    },
  }
}

/** `migrate status --follow` in another terminal, piped into a file. */
function follow({ settings }: LabHome) {
  const args = [COMMAND, 'migrate', 'status', '--follow', '--config', settings]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (part) => {
    text += part
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { text: () => text, ended }
}
