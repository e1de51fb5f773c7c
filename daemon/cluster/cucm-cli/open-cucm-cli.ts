/** The port of CUCM's command line over SSH. */
import { BridgeError } from '../../bridge-error.js'
import type { CucmCli } from '../ports.js'
import type { SshTarget } from '../ssh/connect-ssh.js'
import { sshError } from '../ssh/ssh-error.js'
import type { CliCommand } from './cli-command.js'
import { type CliLimits, usualCliLimits } from './cli-limits.js'
import { type CliShell, openCliShell } from './cli-shell.js'
import * as commands from './cucm-commands.js'
import { checkFileName, checkFilePattern, checkPushTarget, checkService } from './typed-values.js'

/** Nothing is connected before the first command. */
export function openCucmCli(target: SshTarget, limits: Partial<CliLimits> = {}): CucmCli {
  const line = new CommandLine(target, { ...usualCliLimits, ...limits })
  const run = <Result>(command: CliCommand<Result>) => line.run(command)
  return {
    showCtl: () => run(commands.showCtl),
    securityMode: () => run(commands.securityMode),
    setSecurityMode: (mode) => run(commands.setSecurityMode[mode]),
    updateCtlFile: () => run(commands.updateCtlFile),
    resetLocalKey: () => run(commands.resetLocalKey),
    listTftpFiles: async (pattern) => run(commands.listTftpFiles(checkFilePattern(pattern, target.node))),
    deleteTftpFile: async (file) => run(commands.deleteTftpFile(checkFileName(file, target.node))),
    deleteStaleCtl: async () => {
      if ((await run(commands.securityMode)) === 'mixed') {
        const detail = 'The cluster is in mixed mode, so its CTL is in use and was left where it is.'
        throw sshError('NODE_COMMAND_REFUSED', target, detail)
      }
      return run(commands.deleteStaleCtl)
    },
    pushTftpFile: async (file, to) =>
      run(commands.pushTftpFile(checkFileName(file, target.node), checkPushTarget(to, target.node))),
    restartService: async (service) => run(commands.restartService(checkService(service, target.node))),
    close: () => line.close(),
  }
}

class CommandLine {
  readonly #target: SshTarget
  readonly #limits: CliLimits
  #shell: CliShell | undefined
  #isClosed = false
  #last: Promise<unknown> = Promise.resolve()
  /** CUCM locks accounts after several failures, so a refused login is not tried again by the next command. */
  #loginRefused: BridgeError | undefined

  constructor(target: SshTarget, limits: CliLimits) {
    this.#target = target
    this.#limits = limits
  }

  run<Result>(command: CliCommand<Result>): Promise<Result> {
    const done = this.#last.then(async () => (await this.#open()).run(command))
    this.#last = done.catch(() => undefined)
    return done
  }

  /** A command that runs is told as dropped, those behind it are not typed. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#shell?.close()
    await this.#last
    await this.#shell?.close()
  }

  async #open(): Promise<CliShell> {
    this.#mustNotBeClosed()
    if (this.#loginRefused !== undefined) throw this.#loginRefused
    if (this.#shell?.isOpen() === true) return this.#shell
    try {
      this.#shell = await openCliShell(this.#target, this.#limits)
    } catch (error) {
      if (error instanceof BridgeError && error.code === 'NODE_LOGIN_REFUSED') this.#loginRefused = error
      throw error
    }
    this.#mustNotBeClosed()
    return this.#shell
  }

  #mustNotBeClosed(): void {
    if (this.#isClosed) throw sshError('NODE_UNREACHABLE', this.#target, 'The command line was closed.')
  }
}
