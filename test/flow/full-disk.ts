/** A disk without room, for one process: whatever it writes beyond 0 bytes fails (setrlimit(2), RLIMIT_FSIZE). */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const limitFiles = async (pid: number, limit: string): Promise<void> => {
  await promisify(execFile)('prlimit', ['--pid', String(pid), `--fsize=${limit}`])
}

/** Runs `work` while the process can make no file longer. Node ignores SIGXFSZ; writes get EFBIG. */
export async function withFullDisk<T>(pid: number, work: () => Promise<T>): Promise<T> {
  await limitFiles(pid, '0:unlimited')
  try {
    return await work()
  } finally {
    await limitFiles(pid, 'unlimited')
  }
}
