import type { KeyObject } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { LabCluster } from '../../../lab/model/lab-cluster.js'
import { type LabOptions, makeLabCluster } from '../../../lab/model/make-lab-cluster.js'
import { newRsaKey } from '../../../softhsm/new-key.js'

const pool = new Map<string, Promise<KeyObject>>()

/** The same keys for every lab of a test file, each of them once in a lab: making them takes time. */
export function pooledKeys(): (bits: number) => Promise<KeyObject> {
  let taken = 0
  return (bits) => {
    taken += 1
    const name = `${bits} ${taken}`
    const key = pool.get(name) ?? newRsaKey(bits)
    pool.set(name, key)
    return key
  }
}

/** A lab's model in a folder that goes with the test. */
export async function temporaryLab(
  t: ExecutionContext,
  options: Omit<LabOptions, 'folder'> = {},
): Promise<LabCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-lab-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const lab = await makeLabCluster({ newKey: pooledKeys(), ...options, folder })
  t.teardown(() => lab.close())
  return lab
}
