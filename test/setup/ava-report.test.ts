import test from 'ava'
import { setup } from './setup-modules.js'

const report = `
  ✔ signs › A token signs (12ms)
  ✘ [fail]: signs › A removed token is named TOKEN_FAILED
\u001b[32m  ✔\u001b[39m decode › 3 passed, 2 failed
  - [skip] signs › A slow token
    ✔ said by a test
  ✘ Timed out while running tests
  ─

  signs › A removed token is named

  1 test failed
`

const counted = (pieces: Iterable<string>, exitCode: number) => {
  const reader = setup.avaReport.avaReport()
  for (const piece of pieces) reader.read(piece)
  return reader.counts(exitCode)
}

test('Passed tests, failed tests and time-outs are counted; skipped ones and other output are not', (t) => {
  t.deepEqual(counted([report], 1), { passed: 2, failed: 2 })
})

test('Tests that did not run are named', (t) => {
  const reader = setup.avaReport.avaReport()
  reader.read(report)
  t.deepEqual(reader.skipped(), ['signs › A slow token'])
})

test('The count does not depend on how the report was cut', (t) => {
  t.deepEqual(counted(report, 1), { passed: 2, failed: 2 })
})

test('A run that fails without a failed test counts as one failure, and never as none', (t) => {
  t.deepEqual(counted(['  ✘ Couldn’t find any files to test\n'], 1), { passed: 0, failed: 1 })
  t.deepEqual(counted(['  ✔ signs\n'], 1), { passed: 1, failed: 1 })
  t.deepEqual(counted(['  ✔ signs\n'], 0), { passed: 1, failed: 0 })
})
