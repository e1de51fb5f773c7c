import { X509Certificate } from 'node:crypto'
import test from 'ava'
import { makeCertificate, rsaKey } from '../../trust/make-certificate.js'
import { openBrowser, wordsOf } from '../browser.js'
import { sitDown } from '../person.js'
import { put, runningLab, seatAt } from './running-lab.js'

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

test('an uploaded file overwrites, and is served after Cisco Tftp restarted, on this node alone', async (t) => {
  const { lab, node } = await runningLab(t, { nodes: 2 })
  const [, subscriber] = lab.nodes
  const before = subscriber?.serve('CTLFile.tlv')
  const person = await sitDown(seatAt(lab, node))
  const told = await person.uploadFile('CTLFile.tlv', bytesOf('new'))
  t.true(told.isSuccess, told.text)
  t.regex(told.text, /CTLFile\.tlv, 3 bytes, is overwritten\. .*after Cisco Tftp was restarted/)
  t.not(node.serve('CTLFile.tlv')?.length, 3)
  t.true((await person.restart('Cisco Tftp')).isSuccess)
  t.deepEqual(node.serve('CTLFile.tlv'), bytesOf('new'))
  await subscriber?.restart('Cisco Tftp')
  t.deepEqual(subscriber?.serve('CTLFile.tlv'), before)
})

test('files are listed, and deleted only where they were ticked', async (t) => {
  const { lab, node } = await runningLab(t)
  await put(node, 'a.txt', bytesOf('a'))
  await put(node, 'ab.txt', bytesOf('b'))
  const person = await sitDown(seatAt(lab, node))
  t.true((await person.listFiles()).includes('a.txt'))
  t.regex((await person.deleteFile('a.txt')).text, /Files deleted: 1\.$/)
  const left = await person.listFiles()
  t.false(left.includes('a.txt'))
  t.true(left.includes('ab.txt'))
})

test('a pattern in the place of a name deletes nothing', async (t) => {
  const { lab, node } = await runningLab(t)
  const before = node.listTftp()
  const browser = openBrowser()
  const { url, user, password } = seatAt(lab, node)
  await browser.go(url)
  await browser.press('Login', { Username: user, Password: password })
  await browser.go(`${url}cmplatform/tftp/delete?file=*`)
  const page = await browser.press('Delete')
  t.regex(wordsOf(page.html), /Files deleted: 0 of 1/)
  t.deepEqual(node.listTftp(), before)
})

test('a full disk is told on the form, and the file that was there stays', async (t) => {
  const { lab, node } = await runningLab(t)
  await put(node, 'CTLFile.tlv', bytesOf('old'))
  const person = await sitDown(seatAt(lab, node))
  node.setFaults({ diskFull: true })
  const told = await person.uploadFile('CTLFile.tlv', bytesOf('new'))
  t.false(told.isSuccess)
  t.regex(told.text, /no space left on device\. What was there before is unchanged/)
  node.setFaults({ diskFull: false })
  await node.restart('Cisco Tftp')
  t.deepEqual(node.serve('CTLFile.tlv'), bytesOf('old'))
  t.true((await person.uploadFile('CTLFile.tlv', bytesOf('new'))).isSuccess)
})

test('names that lead out of the folder, directories, empty and huge uploads are refused in words', async (t) => {
  const { lab, node } = await runningLab(t)
  const before = node.listTftp()
  const person = await sitDown(seatAt(lab, node))
  for (const [name, bytes, directory, words] of [
    ['CTLFile.tlv', 10, 'Desktops', /no directory Desktops/],
    ['.hidden', 10, '', /file name has letters/],
    ['', 10, '', /Choose a file/],
    ['big.bin', 9 * 1024 * 1024, '', /larger than 8 MiB/],
  ] as const) {
    const told = await person.uploadFile(name, new Uint8Array(bytes), directory)
    t.false(told.isSuccess)
    t.regex(told.text, words)
  }
  // A browser sends the name alone, a program may send a path: its last part counts.
  t.true((await person.uploadFile('../../up.txt', bytesOf('x'))).isSuccess)
  t.deepEqual(node.listTftp(), [...before, 'up.txt'].sort())
})

test('a certificate reaches Phone-SAST-trust on every node, as PEM or DER, and TVS finds it', async (t) => {
  const { lab, node } = await runningLab(t, { nodes: 2, tvsPolicy: 'db' })
  const der = makeCertificate({ subject: [['CN', 'A new token']], key: rsaKey(1024), serial: '31af' })
  const serial = Uint8Array.of(0x31, 0xaf)
  t.is(node.findTrust(serial, 'CN=A new token'), undefined)
  const person = await sitDown(seatAt(lab, node))
  const pem = bytesOf(new X509Certificate(der).toString())
  t.true((await person.uploadCertificate('Phone-SAST-trust', 'token.pem', pem)).isSuccess)
  t.true(
    (await person.listCertificates()).some(
      ([store, name]) => store === 'Phone-SAST-trust' && name === 'A new token',
    ),
  )
  await lab.replicated()
  for (const { findTrust } of lab.nodes) t.is(findTrust(serial, 'CN=A new token')?.where, 'database')
  const two = new Uint8Array(Buffer.concat([pem, pem]))
  t.regex((await person.uploadCertificate('Phone-SAST-trust', 'two.pem', two)).text, /2 certificates/)
  t.true((await person.uploadCertificate('CallManager-trust', 'token.cer', der)).isSuccess)
})

test('an expired certificate and what is none are refused in words', async (t) => {
  const { lab, node } = await runningLab(t)
  const person = await sitDown(seatAt(lab, node))
  const notAfter = new Date('2016-01-01Z')
  const old = makeCertificate({ subject: [['CN', 'old']], key: rsaKey(1024), serial: '01', notAfter })
  const expired = await person.uploadCertificate('Phone-SAST-trust', 'old.cer', old)
  t.false(expired.isSuccess)
  t.regex(expired.text, /expired on 2016-01-01/)
  const none = await person.uploadCertificate('Phone-SAST-trust', 'x.cer', bytesOf('no certificate'))
  t.regex(none.text, /neither PEM nor DER/)
  t.deepEqual(node.trusted('Phone-SAST-trust'), [])
})

test('regenerating CallManager changes its certificate, not the one that the service shows', async (t) => {
  const { lab, node } = await runningLab(t)
  const before = node.callManager().certificate
  const person = await sitDown(seatAt(lab, node))
  const told = await person.regenerate('CallManager')
  t.regex(told.text, /CallManager is regenerated\. Restart Cisco CallManager/)
  t.notDeepEqual(node.callManager().certificate, before)
  t.deepEqual(node.callManagerInUse().certificate, before)
})

test('a subscriber has no CAPF and no ITLRecovery to regenerate', async (t) => {
  const { lab } = await runningLab(t, { nodes: 2 })
  const [, subscriber] = lab.nodes
  if (subscriber === undefined) throw new Error('no subscriber')
  const person = await sitDown(seatAt(lab, subscriber))
  const purposes = (await person.listCertificates()).map(([purpose]) => purpose)
  t.true(purposes.includes('CallManager'))
  t.false(purposes.includes('CAPF') || purposes.includes('ITLRecovery'))
})

test('without login there is nothing to see or to do', async (t) => {
  const { lab, node } = await runningLab(t)
  const seat = seatAt(lab, node)
  await t.throwsAsync(sitDown({ ...seat, password: 'wrong' }), { message: /User or password is wrong/ })
  const browser = openBrowser()
  for (const path of ['cmplatform/tftp', 'cmplatform/certificates', 'cmplatform/services', '']) {
    t.regex((await browser.go(`${seat.url}${path}`)).url, /\/cmplatform\/login$/)
  }
})

test('what a certificate or a file is called stands on the page as text, never as marks', async (t) => {
  const { lab, node } = await runningLab(t)
  const name = '<script>alert("1")</script>\u202e&\'`'
  const der = makeCertificate({ subject: [['CN', name]], key: rsaKey(1024), serial: '05' })
  await node.upload('Phone-SAST-trust', der)
  const person = await sitDown(seatAt(lab, node))
  const shown = (await person.listCertificates()).find(([purpose]) => purpose === 'Phone-SAST-trust')
  t.regex(shown?.[1] ?? '', /script.*alert.*script/)
  const browser = openBrowser()
  const { url, user, password } = seatAt(lab, node)
  await browser.go(url)
  await browser.press('Login', { Username: user, Password: password })
  for (const path of [
    'cmplatform/certificates',
    `cmplatform/tftp/delete?file=${encodeURIComponent(name)}`,
    `cmplatform/${encodeURIComponent(name)}`,
  ]) {
    const { html } = await browser.go(`${url}${path}`)
    t.notRegex(html, /<script|\u202e/, path)
  }
})
