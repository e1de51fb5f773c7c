/** The sample settings file: every setting with its description and default, from the schema itself. */
import { z } from 'zod'
import { configSchema } from './config.js'
import { defaultPaths } from './place.js'

interface JsonSchema {
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
}

/** Stands in the sample where a setting has no default of its own. */
const examples: Readonly<Record<string, unknown>> = {
  'http.socket': defaultPaths({ uid: 0, env: {} }).socket,
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
  const lines = [heading]
  for (const [name, field] of Object.entries(table.properties ?? {})) {
    const value = field.default ?? examples[`${section}.${name}`]
    lines.push(`# ${field.description}`, `# ${name} = ${tomlValue(value)}`)
  }
  return [...lines, '']
}

function tomlValue(value: unknown): string {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return '{}'
  return JSON.stringify(value)
}
