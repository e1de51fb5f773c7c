import test from 'ava'
import { setup } from './setup-modules.js'

const stream = `TAP version 13
ok 1 - signs › A token signs
not ok 2 - signs › A removed token is named
  ---
    name: AssertionError
    message: ok 7 - not a result
  ...
ok 3 - signs › A slow token # SKIP
# ok 4 - said by a test
ok 4 - decode › 3 passed, 2 failed

1..4
# tests 3
# pass 2
# skip 1
# fail 1
`

const expected = {
  passed: 2,
  failures: ['signs › A removed token is named'],
}

test('Passed and failed tests are counted; skipped ones and quoted results are not', (t) => {
  const reader = setup.tap.tapReader(() => {})
  reader.write(stream)
  t.deepEqual(reader.tally(), expected)
})

test('The count does not depend on how the stream was cut', (t) => {
  const reader = setup.tap.tapReader(() => {})
  for (const character of stream) reader.write(character)
  t.deepEqual(reader.tally(), expected)
})

test('A person sees results and details, and none of the bookkeeping', (t) => {
  const printed: string[] = []
  setup.tap.tapReader((line) => printed.push(line)).write(stream)
  t.is(printed[0], '  ✔ signs › A token signs')
  t.is(printed[1], '  ✘ signs › A removed token is named')
  t.true(printed.includes('        name: AssertionError'))
  t.false(printed.some((line) => /TAP version|1\.\.4|# pass/.test(line)))
})
