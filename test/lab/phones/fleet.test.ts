import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'ava'
import { labModels } from '../../../lab/model/lab-devices.js'
import { refusals } from '../../../lab/phones/decide.js'
import { usualDeadlines } from '../../../lab/phones/phone.js'
import { isInTrouble, isStranded } from '../../../lab/phones/phone-record.js'
import { isRunning } from '../up/lab-process.js'
import { outcomes, registrations, runningLab, shownChecksum } from './running-lab.js'

/** Nine models in their shares. Labs run one after the other: each is a process of phones and many sockets. */
const PHONES = 40

test.serial('200 phones boot on a tokenless cluster, and a second reset changes nothing', async (t) => {
  const { phones, reset, lab } = await runningLab(t, { phones: 200, nodes: 2 })
  const booted = (await phones.report()).phones
  t.is(booted.length, 200)
  t.deepEqual(Object.keys(outcomes(booted).withSbd), ['updated'])
  t.deepEqual(registrations(booted), ['registered'])
  const served = lab.publisher.serve('CTLFile.tlv') ?? new Uint8Array()
  for (const phone of booted) t.is(phone.ctl.checksum, shownChecksum(served, phone))
  const { withSbd, withoutSbd } = outcomes(await reset())
  t.deepEqual([Object.keys(withSbd), Object.keys(withoutSbd)], [['up to date'], ['up to date']])
  const { figures } = await phones.report()
  t.is(figures?.phones, 200)
  t.true((figures?.bytes ?? 0) > 200 * served.length)
})

test.serial('a revert to tokens: TVS lets in who can ask it, and strands who cannot', async (t) => {
  const { publish, reset, tokenCtl } = await runningLab(t, { phones: PHONES, nodes: 2 })
  const file = tokenCtl()
  await publish('CTLFile.tlv', file)
  const after = await reset()
  const { withSbd, withoutSbd } = outcomes(after)
  t.deepEqual(Object.keys(withSbd), ['updated through TVS'])
  t.deepEqual(Object.keys(withoutSbd), [`rejected: ${refusals.unknownSigner}`])
  for (const phone of after) {
    t.is(phone.ctl.checksum === shownChecksum(file, phone), phone.securityByDefault)
    t.deepEqual(phone.statusMessages, [
      phone.securityByDefault ? 'Trust List Updated' : 'Trust List Update Failed',
    ])
  }
  // CallManager's certificate is the same, so even who refused the file is not locked out.
  t.deepEqual(registrations(after), ['registered'])
})

test.serial('without upload and with TVS looking into its database alone, every phone rejects', async (t) => {
  const { publish, reset, tokenCtl } = await runningLab(t, { phones: PHONES, nodes: 2, tvsPolicy: 'db' })
  await publish('CTLFile.tlv', tokenCtl())
  const { withSbd } = outcomes(await reset())
  t.deepEqual(Object.keys(withSbd), [`rejected: ${refusals.tvsSaysNo}`])
})

test.serial(
  'with TVS looking into its cache alone, a cache that does not hold the new file yet makes phones reject',
  async (t) => {
    const late = await runningLab(t, { phones: PHONES, nodes: 1, tvsPolicy: 'cache', tvsDelay: 600_000 })
    await late.publish('CTLFile.tlv', late.tokenCtl())
    t.deepEqual(Object.keys(outcomes(await late.reset()).withSbd), [`rejected: ${refusals.tvsSaysNo}`])
    // TVS reads the file when it starts, and no phone remembers that it was told no.
    await late.restart('Cisco Trust Verification Service')
    t.deepEqual(Object.keys(outcomes(await late.reset()).withSbd), ['updated through TVS'])
  },
)

test.serial('an upload saves a revert where the policy says that the database does', async (t) => {
  const { lab, publish, reset, tokenCtl } = await runningLab(t, {
    phones: PHONES,
    nodes: 1,
    tvsPolicy: 'cache',
    tvsDelay: 600_000,
  })
  for (const { certificate } of lab.tokens) await lab.publisher.upload('Phone-SAST-trust', certificate)
  await publish('CTLFile.tlv', tokenCtl())
  t.deepEqual(Object.keys(outcomes(await reset()).withSbd), [`rejected: ${refusals.tvsSaysNo}`])
  lab.setTvsPolicy('db')
  t.deepEqual(Object.keys(outcomes(await reset()).withSbd), ['updated through TVS'])
})

test.serial('no TVS answers: rejected; one of two answers: updated', async (t) => {
  const { lab, publish, reset, tokenCtl, setFaults } = await runningLab(t, { phones: PHONES, nodes: 2 })
  await publish('CTLFile.tlv', tokenCtl())
  await setFaults({ tvsDown: true })
  t.deepEqual(Object.keys(outcomes(await reset()).withSbd), [`rejected: ${refusals.tvsUnreachable}`])
  await setFaults({ tvsDown: false }, lab.nodes.slice(1))
  t.deepEqual(Object.keys(outcomes(await reset()).withSbd), ['updated through TVS'])
})

test.serial('a TVS whose new certificate no ITL holds is not believed', async (t) => {
  const { lab, publish, restart, reset, tokenCtl } = await runningLab(t, { phones: PHONES, nodes: 1 })
  await lab.regenerate('TVS', lab.publisher)
  await restart('Cisco Trust Verification Service')
  await publish('CTLFile.tlv', tokenCtl())
  const first = await reset()
  t.deepEqual(Object.keys(outcomes(first).withSbd), [`rejected: ${refusals.tvsCertificate}`])
  // The new ITL came after the CTL in the same reset; with it the phone knows TVS again.
  t.deepEqual(Object.keys(outcomes(await reset()).withSbd), ['updated through TVS'])
})

test.serial(
  'after CallManager was regenerated: locked out until the CTL is updated, and then who cannot ask TVS still is',
  async (t) => {
    const { lab, phones, restart, reset } = await runningLab(t, { phones: PHONES, nodes: 1 })
    await lab.regenerate('CallManager', lab.publisher)
    await restart('Cisco CallManager')
    const before = await reset()
    t.deepEqual(registrations(before), ['locked out'])
    t.true(before.every(isInTrouble))
    await lab.updateCtlFile()
    await restart('Cisco Tftp')
    const after = await reset()
    for (const phone of after) {
      t.is(phone.ctl.outcome.kind, phone.securityByDefault ? 'updated through TVS' : 'rejected')
      t.is(phone.registration, phone.securityByDefault ? 'registered' : 'locked out')
    }
    // Somebody walks to them.
    const stranded = after.filter(isStranded).map(({ device }) => device)
    t.true(stranded.length > 0)
    await phones.erase({ devices: stranded })
    const healed = (await reset()).filter(({ device }) => stranded.includes(device))
    t.deepEqual(Object.keys(outcomes(healed).withoutSbd), ['updated'])
    t.deepEqual(registrations(healed), ['registered'])
  },
)

test.serial('phones remember an answer of TVS for a day, and not longer', async (t) => {
  const lab = await runningLab(t, { phones: PHONES, nodes: 1 })
  const tokenless = lab.lab.publisher.serve('CTLFile.tlv') ?? new Uint8Array()
  const token = lab.tokenCtl()
  const outcomeAfter = async (file: Uint8Array) => {
    await lab.publish('CTLFile.tlv', file)
    return Object.keys(outcomes(await lab.reset()).withSbd)
  }
  t.deepEqual(await outcomeAfter(token), ['updated through TVS'])
  t.deepEqual(await outcomeAfter(tokenless), ['updated through TVS'])
  await lab.setFaults({ tvsDown: true })
  t.deepEqual(await outcomeAfter(token), ['updated through TVS'])
  await lab.phones.advanceClock(24 * 60 * 60 + 1)
  t.deepEqual(await outcomeAfter(tokenless), [`rejected: ${refusals.tvsUnreachable}`])
})

test.serial('garbage behind one’s back is rejected, and the phone keeps what it had', async (t) => {
  const { lab, phones, publish, reset } = await runningLab(t, { phones: PHONES, nodes: 1 })
  const before = (await phones.report()).phones.map(({ ctl }) => ctl.checksum)
  await publish('CTLFile.tlv', Buffer.from('<html>an error page</html>'))
  const after = await reset()
  t.deepEqual(Object.keys(outcomes(after).withSbd), [`rejected: ${refusals.unreadable}`])
  t.deepEqual(Object.keys(outcomes(after).withoutSbd), [`rejected: ${refusals.unreadable}`])
  t.deepEqual(
    after.map(({ ctl }) => ctl.checksum),
    before,
  )
  await publish('CTLFile.tlv', new Uint8Array(70_000))
  t.deepEqual(Object.keys(outcomes(await reset()).withSbd), [`rejected: ${refusals.tooLarge}`])
  for (const node of lab.nodes) await node.deleteTftp('CTLFile.tlv')
  await Promise.all(lab.nodes.map((node) => node.restart('Cisco Tftp')))
  const none = await reset()
  t.deepEqual(Object.keys(outcomes(none).withSbd), ['no file'])
  t.deepEqual(none[0]?.statusMessages, ['File Not Found <CTLFile.tlv>'])
  t.deepEqual(
    none.map(({ ctl }) => ctl.checksum),
    before,
  )
})

test.serial(
  'a non-secure cluster: phones hold an ITL alone, and take their first tokenless CTL by it',
  async (t) => {
    const { lab, phones, restart, reset } = await runningLab(t, {
      phones: PHONES,
      nodes: 1,
      state: 'nonsecure',
    })
    const before = (await phones.report()).phones
    t.deepEqual(registrations(before), ['not tried'])
    for (const phone of before) {
      t.is(phone.itl.checksum !== undefined, phone.securityByDefault)
      t.is(phone.statusMessages.includes('No Trust List Installed'), !phone.securityByDefault)
    }
    await lab.setClusterMode(1)
    await restart('Cisco Tftp')
    const after = await reset()
    t.deepEqual(Object.keys(outcomes(after).withSbd), ['updated'])
    t.deepEqual(Object.keys(outcomes(after).withoutSbd), ['updated'])
    t.deepEqual(registrations(after), ['registered'])
  },
)

test.serial('pilots are one phone of each model', async (t) => {
  const { lab, phones } = await runningLab(t, { phones: PHONES, nodes: 1 })
  const heard: string[] = []
  const end = phones.subscribe((changed) => heard.push(...changed.map(({ device }) => device)))
  const figures = await phones.reset('pilots')
  end()
  t.is(figures.phones, labModels.length)
  const first = labModels.map(({ model }) => lab.devices.find((device) => device.model === model)?.name)
  t.deepEqual(heard.toSorted(), first.toSorted())
})

test.serial(
  'a node that is down is passed over; with no node, phones say so and keep what they have',
  async (t) => {
    const { lab, phones, reset, setFaults } = await runningLab(t, {
      phones: 6,
      nodes: 2,
      // Only who is down is waited for.
      deadlines: { ...usualDeadlines, tftpWait: 300, tftpTries: 4 },
    })
    await setFaults({ down: true }, lab.nodes.slice(0, 1))
    const passing = await reset()
    t.deepEqual(Object.keys(outcomes(passing).withSbd), ['up to date'])
    t.deepEqual(registrations(passing), ['registered'])
    // The first phone begins at the first node, and after its first file it knows better.
    const lines = await phones.log(passing[0]?.device ?? '')
    t.is(lines.filter((line) => line.endsWith(`no answer from ${lab.nodes[0]?.address}`)).length, 1)
    await setFaults({ down: true })
    const [first] = await reset()
    t.like(first, { ctl: { outcome: { kind: 'unreachable' } }, registration: 'unreachable' })
    t.true(first?.ctl.checksum !== undefined)
    const log = await phones.log(first?.device ?? '')
    t.true(log.every((line) => /^\d{4,}: (NOT|ERR) \d\d:\d\d:\d\d\.\d{6} SECD: \S+: ./.test(line)))
    t.true(log.some((line) => line.includes('ERR') && line.includes('unreachable')))
  },
)

test.serial('a lab that is killed leaves no phones behind', async (t) => {
  const module = new URL('../../../lab/phones/start-phones.js', import.meta.url).href
  const script = `const { startPhones } = await import('${module}'); const phones = startPhones(); await phones.report(); console.log(phones.pid)`
  const lab = spawn(process.execPath, ['--input-type=module', '-e', script])
  const [said] = await once(lab.stdout, 'data')
  const pid = Number(said)
  t.teardown(() => void (isRunning(pid) && process.kill(pid, 'SIGKILL')))
  t.true(isRunning(pid))
  lab.kill('SIGKILL')
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
  t.false(isRunning(pid))
})

test.serial('phones whose process was killed are an error, and no silence', async (t) => {
  const { phones } = await runningLab(t, { phones: 3, nodes: 1 })
  await t.throwsAsync(phones.log('SEP000000000000'), { message: /No phone of the lab is called/ })
  process.kill(phones.pid, 'SIGKILL')
  await t.throwsAsync(phones.reset('all'), { message: /has ended/ })
  await phones.close()
})
