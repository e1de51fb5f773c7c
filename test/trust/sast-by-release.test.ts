import test from 'ava'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { certificateOf, functionOf } from '../../daemon/ctl/record-fields.js'
import { readCertificateParts } from '../../daemon/trust/certificate/certificate-parts.js'
import {
  parseRelease,
  type ReleaseRules,
  rulesOf,
  sastHolders,
} from '../../daemon/trust/verify/sast-by-release.js'
import { tacFile } from '../vectors/tac-files.js'

const rules = (text: string): ReleaseRules | undefined => {
  const release = parseRelease(text)
  return release && rulesOf(release)
}

const holders = (rule: ReleaseRules['token'] | undefined): string =>
  rule === undefined ? 'no row' : 'holders' in rule ? rule.holders.join(' ') : 'impossible'

test('each release has the SAST records that the Security Guides name, the signer first', (t) => {
  const table = [
    ['9.1(2)', 'token token', 'impossible'],
    ['10.0(1)', 'token token', 'call-manager'],
    ['10.5(1)', 'token token', 'call-manager'],
    ['10.5(2)', 'token token', 'call-manager itl-recovery'],
    ['10.5.2', 'token token', 'call-manager itl-recovery'],
    ['10.5(2)SU9', 'token token', 'call-manager itl-recovery'],
    ['11.0(1)', 'token token', 'call-manager itl-recovery'],
    ['11.5', 'token token itl-recovery call-manager', 'call-manager itl-recovery'],
    ['11.5(1)SU3', 'token token itl-recovery call-manager', 'call-manager itl-recovery'],
    ['12.0(1)', 'token token itl-recovery call-manager', 'itl-recovery call-manager'],
    ['12.5(1)', 'token token itl-recovery call-manager', 'itl-recovery call-manager'],
    ['12.5.1.11900-146', 'token token itl-recovery call-manager', 'itl-recovery call-manager'],
    ['14', 'impossible', 'itl-recovery call-manager'],
    ['14SU3', 'impossible', 'itl-recovery call-manager'],
    ['15', 'impossible', 'itl-recovery call-manager'],
    ['7.1', 'no row', 'no row'],
  ] as const
  for (const [release, token, tokenless] of table) {
    t.is(holders(rules(release)?.token), token, `${release}, tokens`)
    t.is(holders(rules(release)?.tokenless), tokenless, `${release}, tokenless`)
  }
})

test('what is no release is not taken for one', (t) => {
  for (const text of ['', 'ten', '10.', '10.5(2', '10..5', '-1', '10.5; rm']) {
    t.is(parseRelease(text), undefined, JSON.stringify(text))
  }
})

test('whose SAST record it is where the servers of the file are stubs, the certificates of the ITL tell', (t) => {
  const file = decodeCtlFile(tacFile('tokenless'))
  const [sast] = file.records.filter((record) => functionOf(record) === 0)
  const certificate = sast && certificateOf(sast)
  if (sast === undefined || certificate === undefined) return t.fail('no SAST record')
  const stubs = { ...file, records: [sast] }
  const parts = readCertificateParts(certificate)
  t.is(sastHolders(file)(sast, parts), 'call-manager')
  t.is(sastHolders(stubs)(sast, parts), 'token')
  t.is(sastHolders(stubs, [certificate])(sast, parts), 'call-manager')
})
