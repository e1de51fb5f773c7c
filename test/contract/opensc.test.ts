import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { makeCard, openCardRoom, whyNoRoom } from '../cards/card-room.js'
import { settingsOf } from '../drivers/temporary-softhsm.js'
import { runContract } from './run-contract.js'
import type { Subject } from './subject.js'

async function setUp(t: ExecutionContext): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-contract-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'room'))
  const [room, card] = await Promise.all([
    openCardRoom(join(folder, 'room')),
    makeCard(folder, 'contract', 1),
  ])
  let pull = room.insert(card)
  return {
    name: 'OpenSC, with a card in vpcd',
    settings: { ...settingsOf(folder), ...room.opensc, name: 'opensc', watchFolders: [] },
    pin: card.pin,
    plug: async () => {
      pull = room.insert(card)
    },
    unplug: () => pull(),
    plugSecond: async () => {
      room.insert(await makeCard(folder, 'second', 2), 1)
    },
    close: () => room.close(),
  }
}

runContract('opensc', 'OpenSC', setUp, whyNoRoom())
