import test from 'ava'
import type { PreflightFinding } from '../../../daemon/migration/preflight/finding.js'
import { namedRefusing } from '../../../daemon/migration/runner/judge-situation.js'

const finding = (code: PreflightFinding['code'], at?: string): PreflightFinding => ({
  code,
  severity: 'warning',
  detail: '',
  remedy: '',
  ...(at !== undefined && { at }),
})

test('a pilot may refuse whose model was named as stranded, or as one of which it is not known', (t) => {
  const isNamed = namedRefusing([
    finding('DEVICES_WITHOUT_SBD', 'Cisco 7940'),
    finding('DEVICES_UNKNOWN', 'Cisco 9971'),
    finding('WAY_BACK_REFUSED', 'Cisco 7985'),
    finding('TVS_LACKS_UPLOAD', 'Cisco 7945'),
  ])
  t.deepEqual(['Cisco 7940', 'Cisco 9971', 'Cisco 7985', 'Cisco 7945'].map(isNamed), [
    true,
    true,
    true,
    false,
  ])
  t.false(isNamed(undefined))
})

test('that no model was seen names none', (t) => {
  const isNamed = namedRefusing([finding('DEVICES_UNKNOWN')])
  t.false(isNamed(undefined))
  t.false(isNamed('Cisco 7945'))
})
