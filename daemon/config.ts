/**
 * Every setting of the daemon: read from TOML, checked at start, documented field by field.
 * `systemd/config.toml` is generated from the descriptions here (`sampleConfig`).
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { BridgeError } from './bridge-error.js'
import { type DefaultPaths, defaultPaths, here, labFolderBeside, type Place } from './place.js'
import { parseSettings, readSettingsFile } from './settings-file.js'

const absolutePath = z.string().regex(/^\//, 'must be an absolute path')

export const moduleSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'small letters, digits and hyphens')
    .describe('A short name of your own for the library. It shows in lists and problems.'),
  path: absolutePath.describe('The PKCS#11 library. It is loaded in child processes only.'),
  environment: z
    .record(z.string(), z.string())
    .default({})
    .describe('Added to the environment of those processes, for example SOFTHSM2_CONF.'),
  watch_folders: z
    .array(absolutePath)
    .default([])
    .describe('Folders whose change means that a token may have come or gone.'),
  rescan_seconds: z
    .number()
    .min(1)
    .max(3600)
    .default(15)
    .describe('Look for tokens this often even without a hint.'),
  deadline_seconds: z
    .number()
    .min(1)
    .max(600)
    .default(20)
    .describe('A call into the library that takes longer is ended, and its process with it.'),
  parallel: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe(
      'Processes that sign with one unlocked token. More than 1 only where a token takes several logins.',
    ),
  slot_events: z
    .boolean()
    .default(true)
    .describe('Keep a process that waits for the library to tell of tokens that come and go.'),
  remote: z
    .boolean()
    .default(false)
    .describe(
      'Load the library in p11-kit’s remote process. For libraries that do not stand Node’s OpenSSL.',
    ),
})

export const configSchema = z.strictObject({
  http: z
    .strictObject({
      socket: absolutePath
        .optional()
        .describe(
          'The Unix socket that the command uses. Its group may connect; a key is asked all the same.',
        ),
      port: z
        .number()
        .int()
        .min(0)
        .max(65535)
        .default(8470)
        .describe('TCP port on 127.0.0.1, for browsers and programs. 0 takes any free one.'),
      allowed_hosts: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'More names a request may give in its Host header, beside localhost and 127.0.0.1. Guards against DNS rebinding.',
        ),
    })
    .prefault({}),
  state: z
    .strictObject({
      folder: absolutePath.optional().describe('Where keys and the audit log are kept. Mode 0700.'),
    })
    .prefault({}),
  tokens: z
    .strictObject({
      sign_deadline_seconds: z
        .number()
        .min(0.1)
        .max(600)
        .default(30)
        .describe('A signature that takes longer is given up: the process is ended, the token is locked.'),
    })
    .prefault({}),
  clusters: z
    .strictObject({
      file: absolutePath
        .optional()
        .describe('The settings of clusters: docs/clusters.md. Read again when it changed.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('JSON lines on standard error.'),
    })
    .prefault({}),
  modules: z
    .array(moduleSchema)
    .optional()
    .describe('PKCS#11 libraries. Without any, the known places on this machine are tried.'),
})

export type ModuleConfig = z.output<typeof moduleSchema>
type ParsedConfig = z.output<typeof configSchema>

export interface Config {
  readonly socket: string
  readonly port: number
  readonly allowedHosts: readonly string[]
  readonly stateFolder: string
  /** Milliseconds. */
  readonly signDeadline: number
  readonly logLevel: ParsedConfig['log']['level']
  /** `undefined`: none configured, look in the known places. */
  readonly modules: readonly ModuleConfig[] | undefined
  readonly clusters: ClusterFiles
  /** The file that was read, if there was one. */
  readonly file: string | undefined
}

/** Where clusters are described. */
export interface ClusterFiles {
  readonly file: string
  /** Whether the settings name it; beside them it may be missing. */
  readonly isNamed: boolean
  /** Written by a lab that runs. */
  readonly lab: string
}

/** Reads `file`, or the default place, where a missing file means defaults. Throws CONFIG_INVALID or CONFIG_UNTRUSTED. */
export function readConfig(file: string | undefined, place: Place = here()): Config {
  const paths = defaultPaths(place)
  const chosen = file ?? (place.env.CTL_BRIDGE_CONFIG || undefined)
  const path = chosen ?? paths.config
  if (chosen === undefined && !existsSync(path)) return toConfig(configSchema.parse({}), paths, undefined)
  return toConfig(parseSettings(configSchema, readSettingsFile(path), path), paths, path)
}

function toConfig(parsed: ParsedConfig, paths: DefaultPaths, file: string | undefined): Config {
  const names = (parsed.modules ?? []).map((module) => module.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new BridgeError('CONFIG_INVALID', `Two modules are named ${twice}.`, {
      setting: 'modules',
      ...(file === undefined ? {} : { file }),
    })
  }
  const socket = parsed.http.socket ?? paths.socket
  return {
    socket,
    port: parsed.http.port,
    allowedHosts: parsed.http.allowed_hosts,
    stateFolder: parsed.state.folder ?? paths.state,
    signDeadline: parsed.tokens.sign_deadline_seconds * 1000,
    logLevel: parsed.log.level,
    modules: parsed.modules,
    clusters: {
      file: parsed.clusters.file ?? join(dirname(file ?? paths.config), 'clusters.toml'),
      isNamed: parsed.clusters.file !== undefined,
      lab: join(labFolderBeside(socket), 'clusters.toml'),
    },
    file,
  }
}
