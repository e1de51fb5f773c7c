import { createPublicKey, createSign, generateKeyPairSync, publicDecrypt } from 'node:crypto'
import test from 'ava'
import { findSofthsm } from '../../drivers/known-modules.js'
import { tokenName } from '../../drivers/known-tokens.js'
import { mechanismName } from '../../drivers/pkcs11/ckm.js'
import { readCkr, tokenErrorCodeOf } from '../../drivers/pkcs11/ckr.js'
import { digestInfo } from '../../drivers/pkcs11/digest-info.js'
import { pauseBeforeScan } from '../../drivers/pkcs11/scan-schedule.js'
import { readPinFlags, trimText } from '../../drivers/pkcs11/token-slots.js'

test('A DigestInfo is what OpenSSL puts under the padding', (t) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const message = Buffer.from('a message')
  for (const hash of ['sha1', 'sha256', 'sha512'] as const) {
    const signature = createSign(hash).update(message).sign(privateKey)
    const padded = publicDecrypt(createPublicKey(privateKey), signature)
    t.deepEqual(digestInfo(`rsa-${hash}`, message), padded)
  }
})

test('Return values are read from both forms in which the addon throws them', (t) => {
  t.is(readCkr(new Error('CKR_PIN_INCORRECT:160')), 'CKR_PIN_INCORRECT')
  t.is(readCkr(Object.assign(new Error('CKR_DEVICE_ERROR'), { code: 48 })), 'CKR_DEVICE_ERROR')
  t.is(readCkr(new Error('CKR_VENDOR_DEFINED:2147483939')), 'CKR_VENDOR_DEFINED+0x123')
  t.is(readCkr(new Error('something else')), undefined)
  t.is(readCkr('CKR_OK'), undefined)
})

test('A return value that no table names is a failure of the token', (t) => {
  t.is(tokenErrorCodeOf('CKR_PIN_INCORRECT'), 'PIN_WRONG')
  t.is(tokenErrorCodeOf('CKR_PIN_LOCKED'), 'PIN_LOCKED')
  t.is(tokenErrorCodeOf('CKR_USER_ALREADY_LOGGED_IN'), 'TOKEN_FAILED')
  t.is(tokenErrorCodeOf('CKR_VENDOR_DEFINED+0x1'), 'TOKEN_FAILED')
})

test('Mechanisms have names, unknown ones numbers', (t) => {
  t.is(mechanismName(1), 'CKM_RSA_PKCS')
  t.is(mechanismName(0x80000001), '0x80000001')
})

test('A failing module is tried after a quarter of a second, then ever more rarely, up to half a minute', (t) => {
  const pauses = [1, 2, 3, 7, 8, 9, 1000].map((failures) => pauseBeforeScan(failures, 15_000))
  t.deepEqual(pauses, [250, 500, 1000, 16_000, 30_000, 30_000, 30_000])
  t.is(pauseBeforeScan(0, 15_000), 15_000)
})

test('Texts padded with blanks or NULs come out bare', (t) => {
  t.is(trimText('eToken one   '), 'eToken one')
  t.is(trimText('eToken one\0\0\0'), 'eToken one')
})

test('A token that tells no limits of its PIN has none', (t) => {
  const version = { major: 1, minor: 0 }
  const text = { label: '', manufacturerID: '', model: '', serialNumber: '' }
  const versions = { hardwareVersion: version, firmwareVersion: version }
  const unlimited = readPinFlags({ ...text, ...versions, flags: 0, minPinLen: 0xffffffff, maxPinLen: 0 })
  t.like(unlimited, { minLength: 0, maxLength: Number.MAX_SAFE_INTEGER, set: false, locked: false })
  const warned = readPinFlags({ ...text, ...versions, flags: 0x90008, minPinLen: 4, maxPinLen: 16 })
  t.like(warned, {
    minLength: 4,
    maxLength: 16,
    set: true,
    countLow: true,
    mustChange: true,
    finalTry: false,
  })
})

test('USB ids name products, and vendors whose products are all alike', (t) => {
  t.is(tokenName('0529', '0620'), 'SafeNet eToken 5100, 5110 or JC')
  t.is(tokenName('1050', '0407'), 'YubiKey')
  t.is(tokenName('0529', 'ffff'), undefined)
})

test('CTL_BRIDGE_SOFTHSM names the library of SoftHSM', (t) => {
  t.is(findSofthsm({ CTL_BRIDGE_SOFTHSM: '/somewhere/libsofthsm2.so' }), '/somewhere/libsofthsm2.so')
})
