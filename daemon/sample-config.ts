/** The sample settings file: every setting with its description and default, from the schema itself. */
import { z } from 'zod'
import { configSchema } from './config.js'
import { defaultPaths } from './place.js'

export interface JsonSchema {
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
}

/** Stands in the sample where a setting has no default of its own. */
const examples: Readonly<Record<string, unknown>> = {
  'http.socket': defaultPaths({ uid: 0, env: {} }).socket,
  'clusters.file': '/etc/ctl-bridge/clusters.toml',
  'state.folder': defaultPaths({ uid: 0, env: {} }).state,
  'modules.name': 'safenet',
  'modules.path': '/usr/lib/libeTPkcs11.so',
}

export function sampleConfig(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema
  const lines = ['# Settings of ctl-bridge. Every line shows the default; remove the # to change one.', '']
  for (const [section, table] of Object.entries(schema.properties ?? {})) {
    if (table.items === undefined) lines.push(...sectionLines(section, `[${section}]`, table))
    else lines.push(`# ${table.description}`, ...sectionLines(section, `# [[${section}]]`, table.items))
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function sectionLines(section: string, heading: string, table: JsonSchema): string[] {
  const fields = Object.entries(table.properties ?? {})
  const values = fields.map(([name, field]) => [name, field.default ?? examples[`${section}.${name}`]])
  return [heading, ...settingLines(Object.fromEntries(fields), Object.fromEntries(values)), '']
}

/** A description and an assignment for each field: by what is given, else by its default. */
export function settingLines(
  fields: Readonly<Record<string, JsonSchema | undefined>>,
  values: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(fields).flatMap(([name, field]) => [
    `# ${field?.description}`,
    `# ${name} = ${tomlValue(values[name] ?? field?.default)}`,
  ])
}

function tomlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const pairs = Object.entries(value).map(([name, inner]) => `${name} = ${tomlValue(inner)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}
