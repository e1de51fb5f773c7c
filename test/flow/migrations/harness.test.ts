import test from 'ava'
import { signerOf, onlyFile } from './files-after.js'
import { probeAll, rehearsal } from './rehearsal.js'

for (const publishing of ['directory', 'guided', 'both'] as const) {
  test.serial(`a rehearsal stands: its phones hold what is served, and publishing is tried (${publishing})`, async (t) => {
    const start = performance.now()
    const setting = await rehearsal(t, { publishing })
    t.log(`up after ${Math.round(performance.now() - start)} ms`)
    const file = onlyFile(setting)
    t.is(file && signerOf(setting, file), 'CallManager')
    await probeAll(setting)
    t.log(`probed after ${Math.round(performance.now() - start)} ms`)
    t.is(setting.tokens.length, 2)
  })
}
